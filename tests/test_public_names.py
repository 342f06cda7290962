"""The public vocabulary of `import analysis`."""

import subprocess
import sys

import analysis


def test_every_public_name_can_be_loaded() -> None:
    assert [name for name in analysis.__all__ if not hasattr(analysis, name)] == []


def test_the_vocabulary_is_about_thirty_names() -> None:
    assert 25 <= len(analysis.__all__) <= 35


def test_importing_the_package_and_checking_a_quarter_loads_no_heavy_library() -> None:
    code = (
        "import sys, analysis\n"
        "analysis.Quarter('2026Q3'); analysis.load_portfolio\n"
        "print(sorted({'pandas', 'sklearn', 'duckdb', 'matplotlib', 'papermill'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
