"""Who the clients are: population, distribution over groups, dependence on few."""

from analysis.portrait.concentration import Pareto, TopShare, pareto
from analysis.portrait.distribution import Cross, Distribution, cross, distribution
from analysis.portrait.grouping import Group, Grouping, group_clients
from analysis.portrait.population import Step, Waterfall, population_waterfall

__all__ = [
    "Cross",
    "Distribution",
    "Group",
    "Grouping",
    "Pareto",
    "Step",
    "TopShare",
    "Waterfall",
    "cross",
    "distribution",
    "group_clients",
    "pareto",
    "population_waterfall",
]
