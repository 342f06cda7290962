"""Latent needs: peers use what the client lacks. A model of take-up, trained on the past, tested on what came after."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.metrics.holdings import products_held
from analysis.portrait.needs.adoption import HORIZON, Snapshot, design_names, snapshot, taken_up
from analysis.portrait.needs.taxonomy import Taxonomy, load_taxonomy
from analysis.portrait.rates import wilson

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

TRAIN_WINDOWS = 2
"""Windows of two quarters the model learns from: a year, so that each season is in it once."""
FEWEST_ADOPTERS = 30
"""Take-ups of a need in training below which its own share is a better guess than a model of 60 features."""
STRENGTH = 0.05
"""Inverse of the ridge penalty on standardised features: 0.01 to 1 gave test log-losses within 0.002 of each other."""
BOOTSTRAP = 400
TOP = 0.1
"""The tenth of all cases with the highest scores: what a campaign can reach."""
BINS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0)

TOO_SHORT = Unavailable(
    Text("历史不足，无法在训练期之后检验", "the history is too short to test the model on what came after")
)
NO_POSITIONS = Unavailable(
    Text("数据源没有产品持有，无法识别潜在需求", "the source has no holdings, so latent needs cannot be found")
)
FEW_CASES = Unavailable(Text("检验期内新用产品的客户太少", "too few clients took up a product in the test period"))
CLIENTS_DRAWN = Text("对客户重抽样的百分位自助法", "percentile bootstrap over clients")


@dataclass(frozen=True, slots=True)
class Bin:
    """Calibration: clients whose predicted probability lies between two bounds, and how many took the product up."""

    low: float
    high: float
    predicted: float
    observed: Estimate | Unavailable
    n_cases: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Two predictions of the same cases.

    Parameters
    ----------
    log_loss, naive_log_loss, brier, naive_brier : means over cases (client × need)
    gain : naive log-loss − model log-loss; above 0 the model is better
    lift, naive_lift : take-up among the tenth of cases each ranks highest ÷ take-up of all
    lift_gain : lift − naive lift
    """

    log_loss: float
    naive_log_loss: float
    brier: float
    naive_brier: float
    gain: Estimate
    lift: Estimate
    naive_lift: float
    lift_gain: Estimate

    @property
    def is_better(self) -> bool:
        """Whether the whole interval of the gain lies above 0."""
        return self.gain.ci_low > 0


@dataclass(frozen=True)
class Validation:
    """The model against the naive guess, on cases after the training period.

    Parameters
    ----------
    train, test : first quarters of the windows of two quarters
    n_cases, n_adopted, n_clients : of the test
    """

    train: tuple[Quarter, ...]
    test: Quarter
    n_cases: int
    n_adopted: int
    n_clients: int
    scores: Scores
    bins: tuple[Bin, ...]

    @property
    def is_better(self) -> bool:
        return self.scores.is_better


@dataclass(frozen=True)
class Latent:
    """Latent needs and the next need of every client.

    Parameters
    ----------
    table : a row a need, most expected take-ups first; columns need, n_without, base (share that took it up in the
        test), expected (of the next two quarters), n_candidates (chance at least `min_lift` × base, not named by the
        client), expected_candidates, test_n, test_hits (the same rule in the test), reasons (two names)
    probability : index clients, columns needs, chance to take the product up within two quarters; NaN where in use
    uses_model : whether the probabilities come from the model; else from the naive guess
    """

    needs: tuple[str, ...]
    table: pd.DataFrame
    probability: pd.DataFrame
    validation: Validation
    uses_model: bool
    min_lift: float
    horizon: int
    cautions: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Cases:
    """One window: what was known at its start and who had taken up what at its end."""

    start: Snapshot
    adopted: Mask

    @property
    def at_risk(self) -> Mask:
        return ~self.start.held


def latent_needs(portfolio: Portfolio, *, seed: int) -> Latent | Unavailable:
    """Which needs clients have without saying so, judged by what similar clients took up.

    Parameters
    ----------
    seed : of the resampling behind the intervals

    Notes
    -----
    A case is a client that does not use any product serving a need at the start of a window of two quarters; it counts
    as taken up when the client does at the window's end. A logistic regression with ridge penalty for each need learns
    from two windows; the next window, after both, tests it. The naive guess is each need's own share in
    training. Only where the model beats it by more than chance do its probabilities stand; else the naive ones do.
    """
    if not portfolio.has("positions"):
        return NO_POSITIONS
    taxonomy = load_taxonomy(portfolio.policy)
    needs = tuple(code for code in taxonomy.codes if code in taxonomy.has_product)
    starts = [portfolio.quarter.shift(-HORIZON * (k + 1)) for k in range(TRAIN_WINDOWS + 1)]
    known = [start for start in starts if start >= portfolio.first_quarter]
    if len(known) < 2:
        return TOO_SHORT
    windows = _windows(portfolio, known, needs, taxonomy)
    test, train = windows[0], windows[1:]
    if int((test.adopted & test.at_risk).sum()) < FEWEST_ADOPTERS:
        return FEW_CASES
    past = predict(train, test.start)
    validation = validate(test, past, train, seed=seed)
    now = snapshot(portfolio, needs, taxonomy)
    coming = predict(windows[: len(train)], now)
    chosen, tested = (coming.model, past.model) if validation.is_better else (coming.naive, past.naive)
    min_lift = portfolio.policy.number("latent_min_lift")
    fits = coming.fits if validation.is_better else {}
    table = _table(needs, taxonomy, now, chosen, test, tested, fits, min_lift)
    return Latent(
        needs,
        table,
        pd.DataFrame(np.where(now.held, np.nan, chosen), index=now.clients, columns=list(needs)),
        validation,
        validation.is_better,
        min_lift,
        HORIZON,
        () if validation.is_better else (NO_BETTER,),
    )


NO_BETTER = Text(
    "需求预测模型在检验期并不优于按需求平均比例的简单预测，改用后者",
    "the model of next needs was no better than each need's average in the test, so the average is used",
)


def _windows(portfolio: Portfolio, starts: Sequence[Quarter], needs: Sequence[str], taxonomy: Taxonomy) -> list[Cases]:
    """The windows that start at these quarters, latest first. A client closed by the end has taken up nothing."""
    found = []
    for start in starts:
        before = snapshot(portfolio.at(start), needs, taxonomy)
        after = products_held(portfolio.at(start.shift(HORIZON)))
        found.append(Cases(before, taken_up(before, after, needs, taxonomy) & ~before.held))
    return found


@dataclass(frozen=True)
class _Fit:
    """A logistic regression on standardised features; features that do not vary have no weight."""

    mean: Floats
    scale: Floats
    weights: Floats
    intercept: float

    def chance(self, design: Floats) -> Floats:
        logit = ((design - self.mean) / self.scale) @ self.weights + self.intercept
        return np.asarray(1 / (1 + np.exp(-logit)))

    def pull(self, design: Floats) -> Floats:
        """What each feature adds to the logit, on average over the rows."""
        return np.asarray(((design - self.mean) / self.scale).mean(axis=0) * self.weights)


@dataclass(frozen=True)
class _Predicted:
    """Chances of every client and need, ndarray (n_clients, n_needs), and the regressions behind them by need."""

    model: Floats
    naive: Floats
    fits: dict[int, _Fit]


def predict(train: Sequence[Cases], at: Snapshot) -> _Predicted:
    """Chance of each client and need from the model, and the naive one."""
    model, naive = np.zeros(at.held.shape), np.zeros(at.held.shape)
    fits: dict[int, _Fit] = {}
    for need in range(at.held.shape[1]):
        adopted = np.concatenate([window.adopted[window.at_risk[:, need], need] for window in train])
        # half a take-up added to each side keeps a need nobody took up from being called impossible
        model[:, need] = naive[:, need] = (adopted.sum() + 0.5) / (len(adopted) + 1)
        if FEWEST_ADOPTERS <= adopted.sum() <= len(adopted) - FEWEST_ADOPTERS:
            rows = np.vstack([window.start.design(need)[window.at_risk[:, need]] for window in train])
            fits[need] = _fit(rows, adopted)
            model[:, need] = fits[need].chance(at.design(need))
    return _Predicted(model, naive, fits)


def _fit(rows: Floats, adopted: Mask) -> _Fit:
    from sklearn.linear_model import LogisticRegression

    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    scale = np.where(spread > 1e-12, spread, np.inf)
    scaled = ((rows - mean) / scale).astype(np.float32)  # twice as fast, and seven digits are enough for a chance
    # Ridge keeps the problem definite, so Newton's steps settle in a handful; other solvers take hundreds.
    found = LogisticRegression(C=STRENGTH, solver="newton-cholesky", max_iter=100).fit(scaled, adopted)
    return _Fit(mean, scale, found.coef_[0].astype(np.float64), float(found.intercept_[0]))


# --- the test -------------------------------------------------------------------------------------------------------


def validate(test: Cases, past: _Predicted, train: Sequence[Cases], *, seed: int) -> Validation:
    at_risk = test.at_risk
    predicted, naive = past.model[at_risk], past.naive[at_risk]
    client = np.broadcast_to(np.arange(at_risk.shape[0])[:, None], at_risk.shape)[at_risk]
    y = test.adopted[at_risk].astype(float)
    return Validation(
        train=tuple(window.start.quarter for window in reversed(train)),
        test=test.start.quarter,
        n_cases=len(y),
        n_adopted=int(y.sum()),
        n_clients=len(np.unique(client)),
        scores=validate_scores(y, predicted, naive, client, seed=seed),
        bins=calibration(y, predicted),
    )


def validate_scores(y: Floats, predicted: Floats, naive: Floats, client: npt.NDArray[np.intp], *, seed: int) -> Scores:
    """Log-loss, Brier score and lift of two predictions of the same cases, with intervals over clients.

    Parameters
    ----------
    y : 1 where taken up
    predicted, naive : probabilities
    client : number of each case's client, from 0: clients are drawn, with all their cases

    References
    ----------
    Gneiting and Raftery (2007), Strictly Proper Scoring Rules, JASA 102.
    """
    losses = [_log_loss(y, p) for p in (predicted, naive)]
    top = [_top_share(p) for p in (predicted, naive)]
    per_case = np.column_stack([losses[1] - losses[0], np.ones(len(y)), y, top[0] * y, top[0], top[1] * y, top[1]])
    sums = np.zeros((int(client.max()) + 1, per_case.shape[1]))
    np.add.at(sums, client, per_case)
    sums = sums[sums[:, 1] > 0]
    n_clients = len(sums)
    rng = np.random.default_rng(seed)
    draws = np.array([_statistics(_resampled(sums, rng)) for _ in range(BOOTSTRAP)])
    gain, lift, naive_lift, lift_gain = _statistics(sums.sum(axis=0))
    return Scores(
        log_loss=float(losses[0].mean()),
        naive_log_loss=float(losses[1].mean()),
        brier=float(np.mean((predicted - y) ** 2)),
        naive_brier=float(np.mean((naive - y) ** 2)),
        gain=_estimate(gain, draws[:, 0], n_clients),
        lift=_estimate(lift, draws[:, 1], n_clients),
        naive_lift=naive_lift,
        lift_gain=_estimate(lift_gain, draws[:, 3], n_clients),
    )


def _resampled(sums: Floats, rng: np.random.Generator) -> Floats:
    drawn = np.bincount(rng.integers(0, len(sums), len(sums)), minlength=len(sums))
    return np.asarray(drawn @ sums)


def _statistics(total: Floats) -> tuple[float, float, float, float]:
    gain, n, adopted, hits, shown, naive_hits, naive_shown = (float(value) for value in total)
    base = max(adopted / n, 1e-12)
    lift, naive_lift = hits / max(shown, 1e-12) / base, naive_hits / max(naive_shown, 1e-12) / base
    return gain / n, lift, naive_lift, lift - naive_lift


def _log_loss(y: Floats, p: Floats) -> Floats:
    held = np.clip(p, 1e-9, 1 - 1e-9)
    return np.asarray(-(y * np.log(held) + (1 - y) * np.log(1 - held)))


def _top_share(score: Floats) -> Floats:
    """How much of each case is in the top tenth: 1 above the cut, 0 below, ties at the cut share what is left."""
    room = max(int(np.ceil(TOP * len(score))), 1)
    cut = np.partition(score, len(score) - room)[len(score) - room]
    above, tied = score > cut, score == cut
    return np.where(above, 1.0, np.where(tied, (room - above.sum()) / tied.sum(), 0.0))


def _estimate(value: float, draws: Floats, n_clients: int) -> Estimate:
    low, high = np.quantile(draws, [0.025, 0.975])
    return Estimate(value, float(min(low, value)), float(max(high, value)), n_clients, "index", CLIENTS_DRAWN)


def calibration(y: Floats, predicted: Floats) -> tuple[Bin, ...]:
    """Observed share by band of predicted probability, bands without cases left out."""
    band = np.clip(np.digitize(predicted, BINS) - 1, 0, len(BINS) - 2)
    found = []
    for k in range(len(BINS) - 1):
        inside = band == k
        n = int(inside.sum())
        if n:
            observed = wilson(int(y[inside].sum()), n)
            found.append(Bin(BINS[k], BINS[k + 1], float(predicted[inside].mean()), observed, n))
    return tuple(found)


# --- what follows for today's clients -------------------------------------------------------------------------------


def _table(
    needs: Sequence[str],
    taxonomy: Taxonomy,
    now: Snapshot,
    chance: Floats,
    test: Cases,
    tested: Floats,
    fits: dict[int, _Fit],
    min_lift: float,
) -> pd.DataFrame:
    rows = []
    for k, code in enumerate(needs):
        free = ~now.held[:, k]
        base = float(chance[free, k].mean()) if free.any() else 0.0
        candidate = free & ~now.stated[:, k] & (chance[:, k] >= min_lift * base)
        was_free = test.at_risk[:, k]
        old_base = float(tested[was_free, k].mean()) if was_free.any() else 0.0
        was_candidate = was_free & ~test.start.stated[:, k] & (tested[:, k] >= min_lift * old_base)
        rows.append(
            {
                "need": code,
                "n_without": int(free.sum()),
                "base": float(test.adopted[was_free, k].mean()) if was_free.any() else np.nan,
                "expected": float(chance[free, k].sum()),
                "n_candidates": int(candidate.sum()),
                "expected_candidates": float(chance[candidate, k].sum()),
                "test_n": int(was_candidate.sum()),
                "test_hits": int(test.adopted[was_candidate, k].sum()),
                "reasons": _reasons(fits.get(k), now, k, candidate, needs, taxonomy),
            }
        )
    table = pd.DataFrame(rows)
    return table.sort_values(
        ["expected_candidates", "expected", "need"], ascending=[False, False, True], ignore_index=True
    )


def _reasons(
    fit: _Fit | None, now: Snapshot, need: int, candidate: Mask, needs: Sequence[str], taxonomy: Taxonomy
) -> tuple[Text, ...]:
    """The two features that raise the candidates' chance most, on average over them."""
    if fit is None or not candidate.any():
        return ()
    pull = fit.pull(now.design(need)[candidate])
    names = design_names(now, needs, taxonomy, need)
    return tuple(names[k] for k in np.argsort(-pull, kind="stable")[:2] if pull[k] > 0)
