"""The shape of the agreed electronic format: sheets, fields in filing order, code lists, and the two export profiles.

Source: draft agreed electronic format, decision 4/CMA.6 annex II, and the UNFCCC list of common nomenclatures of
2026-02-17, in the transcription of carbon-registry-undp ``libs/aef-v2``; sheet names, spacer columns and the second
profile from the secretariat-side checking scripts (both as read by the OpenJCM domain research, 2026-11-21).
Labels and code lists stand as printed there, typing errors included: they are matched literally.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from openjcm.article6.actions import ActionType, Subtype
from openjcm.article6.authorization import FirstTransferDefinition


class Need(StrEnum):
    """Whether a field must be filled."""

    YES = "Y"
    NO = "N"
    CONDITIONAL = "cond."
    CARP = "C"
    """Filled by the Centralized Accounting and Reporting Platform: never by us."""


@dataclass(frozen=True)
class Field:
    """One field: its printed label, its technical name, whether it must be filled, whether a blank column follows."""

    label: str
    name: str
    need: Need = Need.YES
    spacer_after: bool = False


Y, N, COND, CARP = Need.YES, Need.NO, Need.CONDITIONAL, Need.CARP

SUBMISSION = (
    Field("Party", "ParticipatingParty"),
    Field("Version", "SubmissionVersion"),
    Field("Reported year", "ReportedYear"),
    Field("Date of submission", "DateOfSubmission"),
    Field("Review status of the initial report", "ReviewStatusOfInitialReport", CARP),
    Field("Result of the consistency check of this AEF submission", "ResultOfConsistencyCheck", CARP),
    Field("First year of the NDC implementation period", "FirstYearOfNDCPeriod"),
    Field("Last year of the NDC implementation period", "LastYearOfNDCPeriod"),
    Field(
        "Reference to the Article 6 technical expert review report of the initial report", "ReferenceToTerReport", CARP
    ),
)
AUTHORIZATIONS = (
    Field("Authorization ID", "AuthorizationID"),
    Field("Date of authorization", "DateOfAuthorization"),
    Field("Cooperative approach ID", "CooperativeApproachID"),
    Field("Version of the authorization", "AuthorizationVersion", spacer_after=True),
    Field("Authorized quantity", "AuthorizedQuantity", N),
    Field("Metric", "Metric"),
    Field("Applicable GWP value(s)", "GWPValues", N),
    Field("Applicable non-GHG metric", "Non-GHGMetric", COND),
    Field("Sector(s)", "Sectors"),
    Field("Activity type(s)", "ActivityType", N),
    Field("Purposes for authorization", "PurposeForAuthorization"),
    Field("Authorized Party(ies) ID", "AuthorizedPartyIDs", N),
    Field("Authorized entity(ies) ID", "AuthorizedEntityIDs", N),
    Field("OIMP authorized by the Party", "OIMPAuthorized", COND),
    Field("Authorized timeframe", "AuthorizedTimeframe", N),
    Field("Authorization terms and conditions", "AuthorizationT&Cs", N),
    Field("Authorization documentation", "AuthorizationDocumentation", CARP),
    Field("First transfer definition for OIMP", "FirstTransferDefnForOIMP", COND),
    Field("Additional explanatory information", "AdditionalExplanatoryInformation", N),
)
_METRIC_FIELDS = (
    Field("Metric", "Metric"),
    Field("Applicable GWP value(s)", "GWPValues", N),
    Field("Applicable non-GHG metric", "Non-GHGMetric", COND),
    Field("Quantity (t CO2 eq)", "QuantityCO2"),
    Field("Quantity (in non-GHG metric)", "QuantityNon-GHG", COND, spacer_after=True),
    Field("Mitigation type", "MitigationType"),
)
_IDENTITY_FIELDS = (
    Field("First ID", "FirstID"),
    Field("Last ID", "LastID", spacer_after=True),
    Field("Underlying unit registry ID", "UnderlyingUnitRegistryID", N),
    Field("First unit ID", "UnderlyingUnitFirstUnitID", N),
    Field("Last unit ID", "UnderlyingUnitLastUnitID", N, spacer_after=True),
)
ACTIONS = (
    Field("Action date", "ActionDateTime"),
    Field("Action type", "ActionType"),
    Field("Action subtype", "ActionSubtype", N),
    Field("Cooperative approach ID", "CooperativeApproachID"),
    Field("Authorization ID", "AuthorizationID"),
    Field("First transferring participating Party ID", "FirstTransferringPartyID"),
    Field("Party ITMO registry ID", "PartyITMORegistryID"),
    *_IDENTITY_FIELDS,
    *_METRIC_FIELDS,
    Field("Vintage", "Vintage", spacer_after=True),
    Field("Transferring participating Party ID", "TransferringPartyID", COND),
    Field("Acquiring participating Party ID", "AcquiringPartyID", COND, spacer_after=True),
    Field("Purpose for which the ITMO has been used towards or cancelled for OIMP", "PurposeITMOUsedForOIMP", COND),
    Field("Using/cancelling participating Party ID", "Using/cancellingPartyID", COND),
    Field("Using/cancelling authorized entity ID", "Using/cancellingEntityID", COND),
    Field(
        "Calendar year for which the ITMOs are used towards the Party's NDC",
        "YearITMOUsedTowardsNDC",
        COND,
        spacer_after=True,
    ),
    Field("Result of the consistency checks", "ResultOfConsistencyChecks", CARP),
    Field("Additional explanatory information", "AdditionalExplanatoryInformation", N),
)
HOLDINGS = (
    Field("Cooperative approach ID", "CooperativeApproachID"),
    Field("Authorization ID", "AuthorizationID"),
    Field("First transferring participating Party ID", "FirstTransferringPartyID"),
    Field("Party ITMO registry ID", "PartyITMORegistryID"),
    *_IDENTITY_FIELDS,
    *_METRIC_FIELDS,
    Field("Vintage", "Vintage"),
)
ENTITIES = (
    Field("Date of the authorization", "DateOfAuthorization"),
    Field("Name", "AuthorizedEntityName"),
    Field("Country of incorporation", "AuthorizedEntityCountryOfIncorporation"),
    Field("Identification number", "AuthorizedEntityID"),
    Field("Cooperative approach ID", "CooperativeApproachID"),
    Field("Conditions", "AuthorizedEntityConditions", N),
    Field("Change and revocation conditions", "AuthorizedEntityChangeConditions", N),
    Field("Additional explanatory information", "AdditionalExplanatoryInformation", N),
)


@dataclass(frozen=True)
class TableLayout:
    """One of the five tables: its number, sheet name, title and fields."""

    number: int
    sheet: str
    title: str
    fields: tuple[Field, ...]


TABLES = (
    TableLayout(1, "Table 1 Submission", "Table 1: Submission", SUBMISSION),
    TableLayout(2, "Table 2 Authorizations", "Table 2: Authorizations", AUTHORIZATIONS),
    TableLayout(3, "Table 3 Actions", "Table 3: Actions", ACTIONS),
    TableLayout(4, "Table 4 Holdings", "Table 4: Holdings", HOLDINGS),
    TableLayout(5, "Table 5 Auth. entities", "Table 5: Authorized entities", ENTITIES),
)
SHEETS = ("Index", "Summary information", *(table.sheet for table in TABLES))

SECTORS = (
    "Agriculture", "Building and construction", "Cross-sectoral mechanisms", "Energy generation",
    "Forestry and land use", "Industrial processes", "Transportation", "Urban development", "Waste management",
)  # fmt: skip
ACTIVITY_TYPES = (
    "Afforestation", "Agriculture", "Biogas", "Biomass Energy", "Cement", "C02 usage", "Coal bed/mine methane",
    "Energy distribution", "Energy Efficiency households", "Energy Efficiency Industry",
    "Energy Efficiency own generation", "Energy Efficiency service", "Energy Efficiency supply side",
    "Fossil fuel switch", "Fugitive", "Geothermal", "Hydro", "Landfill gas", "Methane avoidance", "N2O",
    "PFCs and SF6", "Reforestation", "Solar", "Tidal", "Transport", "Waste", "Wind",
)  # fmt: skip
UNDERLYING_REGISTRY = "JCM"
METRIC = "GHG"
MITIGATION_TYPE = "Emission reductions"
NOT_APPLICABLE = "NA"

CARP_TEXT = "{Information in this field is populated by the CARP}"
CARP_LINK = "{Link to be produced by the CARP}"
CARP_LINKS = frozenset({"ReferenceToTerReport", "AuthorizationDocumentation"})


@dataclass(frozen=True)
class Profile:
    """Where the two descriptions of the format disagree, what one of them wants."""

    name: str
    full_ids: bool
    """Whole ITMO identifiers in First ID and Last ID; else the number within them."""
    date_time: bool
    """Action dates as ``yyyy-mm-ddThh:mm:ss.sssZ``; else ``dd/mm/yyyy``."""
    placeholders: bool
    """The CARP's cells keep their placeholder texts; else they stay empty."""
    timeframe: bool
    """The timeframe as ``yyyy - yyyy``. The other form also asks for a frame of use."""
    action_types: Mapping[ActionType, str] = field(default_factory=dict)
    subtypes: Mapping[Subtype, str] = field(default_factory=dict)
    definitions: Mapping[FirstTransferDefinition, str] = field(default_factory=dict)


_OMGE, _OTHER = "Voluntary cancellation to deliver OMGE", "Other cancellations"
NOMENCLATURE = Profile(
    name="nomenclature",
    full_ids=False,
    date_time=True,
    placeholders=False,
    timeframe=True,
    action_types={item: item.value for item in ActionType},
    subtypes={
        Subtype.TO_ANOTHER_PARTY: "First transfer to another Party",
        Subtype.AUTHORIZATION: "Authorization",
        Subtype.ISSUANCE: "Issuance",
        Subtype.USE_OR_CANCELLATION: "Use or cancellation",
        Subtype.VOLUNTARY_OMGE: _OMGE,
        Subtype.OTHER_CANCELLATION: _OTHER,
    },
    definitions={
        FirstTransferDefinition.AUTHORIZATION: "Authorisation",
        FirstTransferDefinition.ISSUANCE: "Issuance",
        FirstTransferDefinition.USE_OR_CANCELLATION: "Use or Cancellation",
    },
)
CHECKER = Profile(
    name="checker",
    full_ids=True,
    date_time=False,
    placeholders=True,
    timeframe=False,
    action_types={**NOMENCLATURE.action_types, ActionType.VOLUNTARY_CANCELLATION: ActionType.CANCELLATION.value},
    subtypes={**NOMENCLATURE.subtypes, Subtype.TO_ANOTHER_PARTY: "First international transfer"},
    definitions={
        **NOMENCLATURE.definitions,
        FirstTransferDefinition.AUTHORIZATION: "Authorization",
        FirstTransferDefinition.USE_OR_CANCELLATION: "Use of cancellation",
    },
)
PROFILES = {profile.name: profile for profile in (NOMENCLATURE, CHECKER)}
