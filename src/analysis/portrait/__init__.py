"""Who the clients are: population, distribution over groups, dependence on few."""

from analysis.portrait.activity import Activity, activity_by
from analysis.portrait.appetite import RiskAppetite, risk_appetite
from analysis.portrait.basics import BasicFeatures, Indicator, Spread, basic_features
from analysis.portrait.bridge import Bridge, BridgeRow, bridge
from analysis.portrait.contribution import ContributionBridge, ValueBasis, contribution_bridge, value_basis
from analysis.portrait.credit_state import CreditStates, credit_states
from analysis.portrait.dependence import Dependence, Factor, dependence
from analysis.portrait.distribution import Cross, Distribution, cross, distribution, type_dimension
from analysis.portrait.eighty_twenty import Pareto, TopShare, client_amounts, pareto, value_measure
from analysis.portrait.group_rollup import GroupRollup, group_rollup
from analysis.portrait.grouping import Group, Grouping, group_clients
from analysis.portrait.lifetime import ClientLifetime, client_lifetime, lifetime_value
from analysis.portrait.loyalty import Loyalty, loyalty_index
from analysis.portrait.mix_rate import MixRate, MixRateRow, mix_rate
from analysis.portrait.output import BranchOutput, branch_output
from analysis.portrait.pareto_cuts import ParetoCuts, pareto_cuts
from analysis.portrait.population import Step, Waterfall, population_waterfall
from analysis.portrait.potential import BackTest, Potential, back_test, measure_potential
from analysis.portrait.preference import Preference, preference_by
from analysis.portrait.price_volume import PriceVolume, price_volume_mix
from analysis.portrait.rates import DefaultRates, GroupRate, default_rates
from analysis.portrait.remarks import Remarks, client_remarks
from analysis.portrait.shares import Concentration, concentration
from analysis.portrait.sizes import classify_size
from analysis.portrait.stages import Stages, StageTransition, client_stages, stage_transition
from analysis.portrait.statements import RATIOS, client_ratios
from analysis.portrait.tier_rule import RuleCheck, check_rule
from analysis.portrait.tiering import TierDiagnosis, diagnose_tiers
from analysis.portrait.value_score import ValueMatrix, ValueScore, client_values, value_matrix, value_score
from analysis.portrait.window_dressing import WindowDressing, window_dressing

__all__ = [
    "RATIOS",
    "Activity",
    "BackTest",
    "BasicFeatures",
    "BranchOutput",
    "Bridge",
    "BridgeRow",
    "ClientLifetime",
    "Concentration",
    "ContributionBridge",
    "CreditStates",
    "Cross",
    "DefaultRates",
    "Dependence",
    "Distribution",
    "Factor",
    "Group",
    "GroupRate",
    "GroupRollup",
    "Grouping",
    "Indicator",
    "Loyalty",
    "MixRate",
    "MixRateRow",
    "Pareto",
    "ParetoCuts",
    "Potential",
    "Preference",
    "PriceVolume",
    "Remarks",
    "RiskAppetite",
    "RuleCheck",
    "Spread",
    "StageTransition",
    "Stages",
    "Step",
    "TierDiagnosis",
    "TopShare",
    "ValueBasis",
    "ValueMatrix",
    "ValueScore",
    "Waterfall",
    "WindowDressing",
    "activity_by",
    "back_test",
    "basic_features",
    "branch_output",
    "bridge",
    "check_rule",
    "classify_size",
    "client_amounts",
    "client_lifetime",
    "client_ratios",
    "client_remarks",
    "client_stages",
    "client_values",
    "concentration",
    "contribution_bridge",
    "credit_states",
    "cross",
    "default_rates",
    "dependence",
    "diagnose_tiers",
    "distribution",
    "group_clients",
    "group_rollup",
    "lifetime_value",
    "loyalty_index",
    "measure_potential",
    "mix_rate",
    "pareto",
    "pareto_cuts",
    "population_waterfall",
    "preference_by",
    "price_volume_mix",
    "risk_appetite",
    "stage_transition",
    "type_dimension",
    "value_basis",
    "value_matrix",
    "value_measure",
    "value_score",
    "window_dressing",
]
