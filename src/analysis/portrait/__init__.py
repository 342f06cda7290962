"""Who the clients are: population, distribution over groups, dependence on few."""

from analysis.portrait.basics import BasicFeatures, Indicator, Spread, basic_features
from analysis.portrait.contribution import ContributionBridge, ValueBasis, contribution_bridge, value_basis
from analysis.portrait.distribution import Cross, Distribution, cross, distribution, type_dimension
from analysis.portrait.eighty_twenty import Pareto, TopShare, client_amounts, pareto, value_measure
from analysis.portrait.grouping import Group, Grouping, group_clients
from analysis.portrait.lifetime import ClientLifetime, client_lifetime, lifetime_value
from analysis.portrait.population import Step, Waterfall, population_waterfall
from analysis.portrait.rates import DefaultRates, GroupRate, default_rates
from analysis.portrait.shares import Concentration, concentration
from analysis.portrait.sizes import classify_size
from analysis.portrait.statements import RATIOS, client_ratios

__all__ = [
    "RATIOS",
    "BasicFeatures",
    "ClientLifetime",
    "Concentration",
    "ContributionBridge",
    "Cross",
    "DefaultRates",
    "Distribution",
    "Group",
    "GroupRate",
    "Grouping",
    "Indicator",
    "Pareto",
    "Spread",
    "Step",
    "TopShare",
    "ValueBasis",
    "Waterfall",
    "basic_features",
    "classify_size",
    "client_amounts",
    "client_lifetime",
    "client_ratios",
    "concentration",
    "contribution_bridge",
    "cross",
    "default_rates",
    "distribution",
    "group_clients",
    "lifetime_value",
    "pareto",
    "population_waterfall",
    "type_dimension",
    "value_basis",
    "value_measure",
]
