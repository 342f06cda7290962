"""Who the clients are: population, distribution over groups, dependence on few."""

from analysis.portrait.concentration import Pareto, TopShare, client_amounts, pareto, value_measure
from analysis.portrait.distribution import Cross, Distribution, cross, distribution, type_dimension
from analysis.portrait.grouping import Group, Grouping, group_clients
from analysis.portrait.population import Step, Waterfall, population_waterfall
from analysis.portrait.rates import DefaultRates, GroupRate, default_rates

__all__ = [
    "Cross",
    "DefaultRates",
    "Distribution",
    "Group",
    "GroupRate",
    "Grouping",
    "Pareto",
    "Step",
    "TopShare",
    "Waterfall",
    "client_amounts",
    "cross",
    "default_rates",
    "distribution",
    "group_clients",
    "pareto",
    "population_waterfall",
    "type_dimension",
    "value_measure",
]
