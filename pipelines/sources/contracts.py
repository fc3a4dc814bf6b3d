"""Every contract of a delivery, declared once: columns, kinds, Dutch headers and Dutch words.

Belongs here: what a sender may write, and what it means. Does not belong here: how a file is read
(`files.py`), how a cell is converted (`convert.py`), or what the region is.

The first Dutch header of a column and the first Dutch word of a value are the usual ones; the
generator of example deliveries writes those.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pipelines.sources.columns import LATEST_YEAR, Column, Contract, Kind

Words = Mapping[str, tuple[str, ...]]


def _words(**values: tuple[str, ...]) -> Words:
    return MappingProxyType(values)


def _id(name: str, *dutch: str) -> Column:
    return Column(name, Kind.ID, dutch)


def _record(name: str, *dutch: str, required: bool = True) -> Column:
    return Column(name, Kind.RECORD, dutch, required=required)


def _client() -> Column:
    return Column("client_id", Kind.CLIENT, ("cliëntnummer", "clientnummer", "cliënt_id", "cliënt"))


def _birth_year() -> Column:
    return Column(
        "birth_year",
        Kind.YEAR,
        ("geboortejaar", "gebjaar"),
        required=False,
        low=1900,
        high=LATEST_YEAR,
        personal=True,
    )


def _text(name: str, *dutch: str, required: bool = True, longest: int = 80) -> Column:
    return Column(name, Kind.TEXT, dutch, required=required, high=longest)


def _date(
    name: str,
    *dutch: str,
    required: bool = False,
    planned: bool = False,
    open_end: bool = False,
) -> Column:
    return Column(name, Kind.DATE, dutch, required=required, planned=planned, open_end=open_end)


def _month(name: str, *dutch: str) -> Column:
    return Column(name, Kind.MONTH, dutch, planned=True)


def _quarter(name: str, *dutch: str) -> Column:
    return Column(name, Kind.QUARTER, dutch)


def _count(
    name: str, *dutch: str, unit: str, required: bool = True, negative_refuses: bool = False
) -> Column:
    return Column(
        name,
        Kind.WHOLE,
        dutch,
        required=required,
        low=0,
        high=10_000_000,
        negative_refuses=negative_refuses,
        unit=unit,
        adds_up=True,
    )


def _small(name: str, *dutch: str, unit: str) -> Column:
    return Column(name, Kind.WHOLE, dutch, required=False, low=1, high=20, unit=unit)


def _enum(name: str, *dutch: str, values: Words, required: bool = True) -> Column:
    return Column(name, Kind.ENUM, dutch, required=required, values=values)


def _own_municipality(*, is_cut: bool = False) -> Column:
    return Column(
        "municipality_code",
        Kind.MUNICIPALITY,
        ("gemeentecode", "gemeente", "gm_code", "cbs_code"),
        own_region=True,
        is_cut=is_cut,
    )


YES_NO = _words(true=("ja", "j", "waar", "1", "true"), false=("nee", "n", "onwaar", "0", "false"))

TARGET_GROUPS = _words(
    sheltered_living=("beschermd wonen", "BW", "beschermd"),
    shelter=("maatschappelijke opvang", "24-uursopvang", "MO", "24 uurs opvang"),
    refuge=("vrouwenopvang", "VO", "opvang huiselijk geweld"),
    youth=("jeugd 18+", "18+", "jeugd", "jongeren 18+", "uitstroom jeugdzorg"),
    forensic=("forensisch", "forensische zorg", "FZ", "forensisch beschermd wonen"),
    night_shelter=("nachtopvang", "dakloos zonder voorziening"),
    clinic=("kliniek", "ggz-kliniek", "klinische opname"),
)
"""The target groups of the model; a facility, a registration and a person all belong to one."""

LAWS = _words(
    Wmo=("Wmo", "Wmo 2015"),
    Wlz=("Wlz",),
    Jeugdwet=("Jeugdwet", "Jw"),
    Zvw=("Zvw",),
    Wfz=("Wfz", "forensische zorg"),
)

PLACE_KINDS = _words(
    intramural=("intramuraal", "verblijf", "groepswonen"),
    own_front_door=("eigen voordeur", "zelfstandige unit", "geclusterd zelfstandig"),
    night_shelter=("nachtopvang",),
    ambulant=("ambulant", "beschermd thuis"),
    pgb=("pgb", "persoonsgebonden budget"),
)

CHANGE_KINDS = _words(
    closed_attrition=("afbouw door uitstroom", "sluiting door natuurlijk verloop"),
    closed_move_out=("sluiting met uitverhuizing", "sluiting"),
    relabelled_wlz=("overgang naar Wlz", "omgezet naar Wlz"),
    converted_in_place=("ombouw op locatie", "scheiden wonen en zorg"),
    moved_elsewhere=("verplaatst", "verhuisd naar andere locatie"),
    opened=("nieuw", "opening", "uitbreiding"),
)

DESTINATIONS = _words(
    own_home=("eigen woning", "zelfstandige woning", "zelfstandig wonen"),
    in_between=("tussenvoorziening", "tussenwoning"),
    own_network=("eigen netwerk", "familie of vrienden"),
    other_care=("andere zorg", "andere instelling", "klinische opname"),
    other_region=("andere regio", "buiten de regio"),
    left=("vertrokken", "met onbekende bestemming", "eigen initiatief vertrokken"),
    died=("overleden",),
)

PRODUCTS = _words(
    independent=("zelfstandige woning", "reguliere woning"),
    housing_first=("Housing First", "HF"),
    in_between=("tussenvoorziening", "tussenwoning"),
    skaeve_huse=("Skaeve Huse", "Skæve Huse"),
    domus=("Domus", "Domus Plus"),
    other=("anders", "overig"),
)

PROJECT_KINDS = _words(
    studio=("studio", "studio's", "tussenstudio"),
    skaeve_huse=("Skaeve Huse", "Skæve Huse"),
    domus=("Domus", "Domus Plus"),
    mixed_living=("gemengd wonen", "magic mix"),
    other=("anders", "overig"),
)

GATES = _words(
    priority=("voorrang", "urgentie"),
    support=("begeleiding", "zorg"),
    budget=("budget", "geld"),
    tender=("aanbesteding",),
)
"""The gates a project has to pass; in a cell each stands once, as in "voorrang=voldaan"."""

GATE_STATES = _words(open=("open",), met=("voldaan", "behaald"))

INTAKE_LEFT_REASONS = _words(
    admitted=("geplaatst", "opgenomen"),
    home_with_support=("woning met begeleiding", "beschermd thuis"),
    withdrawn=("ingetrokken", "zelf afgezien"),
    elsewhere=("elders geplaatst", "andere regio"),
    no_contact=("geen contact meer",),
    died=("overleden",),
    other=("anders", "overig"),
)

WITHDRAWN_REASONS = _words(
    withdrawn=("ingetrokken", "zelf afgezien"),
    housed_elsewhere=("elders gehuisvest", "zelf woning gevonden"),
    relapse=("terugval", "weer opgenomen"),
    expired=("verlopen",),
    died=("overleden",),
    other=("anders", "overig"),
)

END_REASONS = _words(
    given_up=("huur opgezegd", "opgezegd"),
    moved_on=("doorverhuisd", "verhuisd"),
    back_to_care=("terug naar zorg", "terugval"),
    evicted=("ontruimd", "ontruiming"),
    died=("overleden",),
    other=("anders", "overig"),
)

GROUNDS = _words(
    outflow=("uitstroom", "uitstroom uit instelling", "contingent uitstroom"),
    tailored=("maatwerk",),
    housing_first=("Housing First", "HF"),
    status_holder=("statushouder", "vergunninghouder"),
    urgent=("urgent", "urgentie", "medisch urgent"),
    other=("anders", "overig"),
    regular=("regulier", "reguliere woningzoekende"),
)

CONTRACT_FORMS = _words(
    three_party=("driehoekscontract", "driepartijenovereenkomst", "omklapcontract"),
    provider_lease=("intermediaire verhuur", "huur door zorgaanbieder", "onderhuur"),
    own_lease=("eigen huurcontract", "huur op eigen naam"),
    youth=("jongerencontract", "campuscontract"),
)

_FACILITY = ("locatie_id", "locatiecode", "voorziening_id", "voorziening")
_TARGET = ("doelgroep", "doelgroepcode")

_CAPACITY = Contract(
    "capacity",
    "a facility in a quarter",
    (
        _id("facility_id", *_FACILITY),
        _quarter("period", "kwartaal", "periode"),
        _text("provider", "aanbieder", "zorgaanbieder", "organisatie"),
        _own_municipality(is_cut=True),
        _enum("target_group", *_TARGET, values=TARGET_GROUPS),
        _enum("law", "wet", "financiering", values=LAWS),
        _enum("place_kind", "soort_plek", "type_plek", "verblijfsvorm", values=PLACE_KINDS),
        _count(
            "places",
            "plaatsen",
            "aantal_plaatsen",
            "capaciteit",
            unit="places",
            negative_refuses=True,
        ),
        _count(
            "occupied_persons",
            "bezet",
            "bezetting",
            "bewoners",
            unit="persons",
            negative_refuses=True,
        ),
        Column("secret_address", Kind.BOOLEAN, ("geheim_adres", "adres_geheim"), values=YES_NO),
    ),
    key=("facility_id", "period"),
    day="period",
    series="period",
)

_CAPACITY_PLAN = Contract(
    "capacity_plan",
    "a planned change of a facility",
    (
        _id("facility_id", *_FACILITY),
        _month("effective_month", "ingangsmaand", "maand"),
        _enum("change_kind", "soort_wijziging", "wijziging", values=CHANGE_KINDS),
        Column(
            "places_change",
            Kind.WHOLE,
            ("verandering_plaatsen", "mutatie_plaatsen", "aantal_plaatsen"),
            low=-100_000,
            high=100_000,
            unit="places",
            adds_up=True,
        ),
        _enum(
            "status",
            "status",
            values=_words(
                besloten=("besloten", "vastgesteld"),
                voorgenomen=("voorgenomen", "voornemen"),
                verwacht=("verwacht", "verwachting"),
            ),
        ),
    ),
    key=("facility_id", "effective_month", "change_kind"),
    references=(("facility_id", "capacity", "facility_id"),),
)

_INTAKE = Contract(
    "intake",
    "a registration for a place",
    (
        _record("registration_id", "aanmelding_id", "aanmeldnummer", "registratienummer"),
        _client(),
        _birth_year(),
        _enum("target_group", *_TARGET, values=TARGET_GROUPS),
        Column(
            "municipality_of_origin",
            Kind.MUNICIPALITY,
            ("gemeente_van_herkomst", "herkomstgemeente", "herkomst"),
            required=False,
        ),
        _date("registered_on", "datum_aanmelding", "aanmelddatum", required=True),
        _date("indicated_on", "datum_indicatie", "indicatiedatum", "datum_beschikking"),
        _date("admitted_on", "datum_plaatsing", "plaatsingsdatum", "datum_opname"),
        _date("left_on", "datum_van_lijst", "datum_uit_lijst"),
        _enum("left_reason", "reden_van_lijst", values=INTAKE_LEFT_REASONS, required=False),
    ),
    key=("registration_id",),
    ordered=(("registered_on", "admitted_on"), ("registered_on", "left_on")),
    ends=("admitted_on", "left_on"),
    day="registered_on",
)

_STAYS = Contract(
    "stays",
    "a stay of a person in a facility",
    (
        _record("stay_id", "verblijf_id", "verblijfnummer"),
        _client(),
        _birth_year(),
        _id("facility_id", *_FACILITY),
        _enum("target_group", *_TARGET, values=TARGET_GROUPS),
        _enum(
            "complexity",
            "complexiteit",
            "problematiek",
            values=_words(
                single=("enkelvoudig", "licht"), complex=("meervoudig", "complex", "zwaar")
            ),
            required=False,
        ),
        _date("started_on", "datum_start", "startdatum", "datum_in_zorg", required=True),
        _date("ready_on", "datum_uitstroomklaar", "uitstroomgereed_op", "uitstroomklaar"),
        _date("ended_on", "datum_einde", "einddatum", "datum_uit_zorg"),
        _enum(
            "destination", "bestemming", "uitstroombestemming", values=DESTINATIONS, required=False
        ),
        _small("household_size", "huishoudgrootte", "aantal_personen", unit="persons"),
    ),
    key=("stay_id",),
    ordered=(("started_on", "ended_on"), ("started_on", "ready_on")),
    stay=("client_id", "started_on", "ended_on"),
    references=(("facility_id", "capacity", "facility_id"),),
)

_APPLICATIONS = Contract(
    "applications",
    "an application for a home (the housing list)",
    (
        _record("application_id", "aanvraag_id", "aanvraagnummer"),
        _client(),
        _birth_year(),
        _text("provider", "aanbieder", "zorgaanbieder", "organisatie"),
        _enum("target_group", *_TARGET, values=TARGET_GROUPS),
        _enum(
            "stage",
            "fase",
            values=_words(
                interested=("belangstellend", "vooraanmelding"), applied=("aangevraagd", "aanvraag")
            ),
            required=False,
        ),
        _text("priority_class", "voorrangsklasse", "prioriteit", required=False),
        _enum("product", "product", "soort_woning", "woonproduct", values=PRODUCTS),
        _date("ready_on", "datum_uitstroomklaar", "uitstroomgereed_op", "uitstroomklaar"),
        _date("applied_on", "datum_aanvraag", "aanvraagdatum", required=True),
        _text("assessment_table", "toetstafel", "beoordelingstafel", required=False),
        _date("assessed_on", "datum_beoordeling", "beoordelingsdatum"),
        _enum(
            "assessment",
            "beoordeling",
            "uitslag",
            values=_words(
                positive=("positief", "akkoord", "toegekend"),
                negative=("negatief", "afgewezen"),
                returned=("retour", "teruggestuurd"),
            ),
            required=False,
        ),
        _date("approved_on", "datum_toekenning", "toekenningsdatum", "datum_akkoord"),
        Column(
            "preferred_municipalities",
            Kind.MUNICIPALITIES,
            ("voorkeursgemeenten", "voorkeursgemeente", "gemeentevoorkeur"),
            required=False,
        ),
        Column(
            "network_municipality",
            Kind.MUNICIPALITY,
            ("netwerkgemeente", "gemeente_sociaal_netwerk"),
            required=False,
        ),
        _small("household_size", "huishoudgrootte", "aantal_personen", unit="persons"),
        _small("rooms", "kamers", "aantal_kamers", unit="rooms"),
        _date("offered_on", "datum_aanbod", "aanbiedingsdatum"),
        _enum(
            "offer_answer",
            "antwoord_aanbod",
            "reactie_aanbod",
            values=_words(
                accepted=("geaccepteerd", "aanvaard"),
                refused_client=("geweigerd door cliënt", "geweigerd client"),
                refused_provider=("geweigerd door aanbieder", "geweigerd door zorgaanbieder"),
                refused_association=("geweigerd door corporatie",),
            ),
            required=False,
        ),
        _date("moved_on", "datum_verhuizing", "verhuisdatum"),
        _date("withdrawn_on", "datum_intrekking", "intrekkingsdatum"),
        _enum("withdrawn_reason", "reden_intrekking", values=WITHDRAWN_REASONS, required=False),
    ),
    key=("application_id",),
    ordered=tuple(
        ("applied_on", later)
        for later in ("assessed_on", "approved_on", "offered_on", "moved_on", "withdrawn_on")
    ),
    ends=("moved_on", "withdrawn_on"),
    day="applied_on",
)

_LETTINGS = Contract(
    "lettings",
    "a home let to an applicant or on another priority ground",
    (
        _id("letting_id", "verhuring_id", "verhuurnummer"),
        _record("application_id", "aanvraag_id", "aanvraagnummer", required=False),
        _own_municipality(),
        _text("association", "corporatie", "woningcorporatie", "verhuurder"),
        _enum("ground", "grond", "voorrangsgrond", "verhuurgrond", values=GROUNDS),
        _enum("contract_form", "contractvorm", "huurcontract", values=CONTRACT_FORMS),
        _date("offered_on", "datum_aanbod", "aanbiedingsdatum"),
        _date("accepted_on", "datum_acceptatie", "acceptatiedatum"),
        _date("moved_on", "datum_verhuizing", "verhuisdatum", "ingangsdatum_huur", required=True),
        _date("flip_on", "datum_omklap", "omklapdatum"),
        _date("ended_on", "datum_einde_huur", "einddatum_huur", "einddatum"),
        _enum("end_reason", "reden_einde", "reden_einde_huur", values=END_REASONS, required=False),
    ),
    key=("letting_id",),
    ordered=(("offered_on", "moved_on"), ("moved_on", "flip_on"), ("moved_on", "ended_on")),
    day="moved_on",
    references=(("application_id", "applications", "application_id"),),
)

_ASSOCIATION_STOCK = Contract(
    "association_stock",
    "a housing association in a municipality on 1 January",
    (
        _text("association", "corporatie", "woningcorporatie"),
        _own_municipality(),
        Column("year", Kind.YEAR, ("jaar", "peiljaar"), low=1990, high=LATEST_YEAR),
        _count("dwellings", "woningen", "aantal_woningen", "woningbezit", unit="dwellings"),
        _count(
            "social_dwellings",
            "sociale_huurwoningen",
            "daeb_woningen",
            unit="dwellings",
            required=False,
        ),
        _count(
            "relets", "mutaties", "vrijgekomen_woningen", "verhuringen", unit="dwellings a year"
        ),
        _count(
            "suitable_relets",
            "passende_mutaties",
            "geschikte_mutaties",
            unit="dwellings a year",
            required=False,
        ),
        _count(
            "new_lettings",
            "nieuwbouwverhuringen",
            "eerste_verhuringen",
            unit="dwellings a year",
            required=False,
        ),
    ),
    key=("association", "municipality_code", "year"),
    day="year",
    series="year",
)

_PROJECTS = Contract(
    "projects",
    "an in-between project",
    (
        _id("project_id", "project_id", "projectnummer"),
        _text("name", "naam", "projectnaam"),
        _enum("kind", "soort", "soort_project", values=PROJECT_KINDS),
        _own_municipality(),
        _count("places", "plaatsen", "aantal_plaatsen", unit="places"),
        Column(
            "age_max",
            Kind.WHOLE,
            ("leeftijd_max", "maximumleeftijd"),
            required=False,
            low=16,
            high=120,
            unit="years",
        ),
        Column(
            "stay_months_mean",
            Kind.DECIMAL,
            ("verblijf_maanden_gemiddeld", "gemiddeld_verblijf_maanden"),
            low=0,
            high=600,
            unit="months",
        ),
        _month("expected_open_month", "verwachte_opening", "openingsmaand"),
        _enum(
            "status",
            "status",
            values=_words(
                idee=("idee",),
                bod=("bod",),
                besluit=("besluit", "besloten"),
                in_aanbouw=("in aanbouw",),
                open=("open", "geopend"),
                gestopt=("gestopt",),
            ),
        ),
        Column("gates", Kind.GATES, ("poorten", "voorwaarden"), values=GATES),
    ),
    key=("project_id",),
)

_AGREEMENTS = Contract(
    "agreements",
    "what a body decided",
    (
        _id("agreement_id", "afspraak_id", "afspraaknummer"),
        _enum(
            "kind",
            "soort",
            "soort_afspraak",
            values=_words(
                cap=("plafond", "maximum"),
                target=("streefgetal", "doel"),
                promise=("belofte", "termijn"),
                quota=("taakstelling", "quotum"),
                bod=("bod",),
                contingent=("contingent",),
                support=("begeleiding",),
                project=("project",),
            ),
        ),
        _text("scope", "reikwijdte", "geldt_voor", longest=200),
        Column(
            "value",
            Kind.DECIMAL,
            ("waarde", "aantal"),
            low=0,
            high=1_000_000_000,
            may_be_share=True,
        ),
        Column(
            "unit",
            Kind.ENUM,
            ("eenheid",),
            values=_words(
                dwellings=("woningen",),
                persons=("personen",),
                places=("plaatsen", "plekken"),
                months=("maanden",),
                share=("aandeel",),
            ),
            is_unit=True,
        ),
        _date("from", "van", "ingangsdatum", "geldig_vanaf", required=True, planned=True),
        _date("to", "tot", "einddatum", "geldig_tot", required=True, planned=True, open_end=True),
        _enum(
            "commitment",
            "verbintenis",
            "hardheid",
            values=_words(inspanning=("inspanning",), garantie=("garantie",)),
        ),
        _text("body", "orgaan", "besluitorgaan"),
        _date("decided_on", "datum_besluit", "besluitdatum", required=True),
        _enum(
            "state",
            "stand",
            values=_words(
                concept=("concept",),
                stuurgroep=("stuurgroep",),
                colleges=("colleges",),
                vastgesteld=("vastgesteld",),
            ),
        ),
    ),
    key=("agreement_id",),
    ordered=(("from", "to"),),
)

_MISSES = Contract(
    "misses",
    "why homes of a quota were not let, per quarter",
    (
        _own_municipality(),
        _text("association", "corporatie", "woningcorporatie"),
        _quarter("period", "kwartaal", "periode"),
        _enum(
            "reason",
            "reden",
            values=_words(
                no_vacancy=("geen vrijgekomen woning", "geen mutatie"),
                no_candidate=("geen kandidaat",),
                no_match=("geen match", "geen passende woning"),
                no_care_ready=("begeleiding niet gereed", "zorg niet gereed"),
            ),
        ),
        _count("dwellings", "woningen", "aantal_woningen", unit="dwellings"),
    ),
    key=("municipality_code", "association", "period", "reason"),
    day="period",
)

CONTRACTS: Mapping[str, Contract] = MappingProxyType(
    {
        contract.name: contract
        for contract in (
            _CAPACITY,
            _CAPACITY_PLAN,
            _INTAKE,
            _STAYS,
            _APPLICATIONS,
            _LETTINGS,
            _ASSOCIATION_STOCK,
            _PROJECTS,
            _AGREEMENTS,
            _MISSES,
        )
    }
)
"""Contract name -> contract, in reading order."""
