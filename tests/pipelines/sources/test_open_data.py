"""The public statistics that ship with the product: declared, unchanged, plausible, usable."""

import shutil
import tomllib
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from models.errors import RefusedError, UitstroomError
from models.quota import apportion, key_shares
from pipelines.sources.key_figures import key_factors
from pipelines.sources.open_data import (
    OpenSource,
    load_open_sources,
    municipal_codes,
    municipal_facts,
    verify_source,
)

ROOT = Path(__file__).parents[3] / "data" / "raw" / "open"
SOURCES = {source.id: source for source in load_open_sources(ROOT)}
COVENANT = ("GM0375", "GM0377", "GM0392", "GM0396", "GM0397", "GM0453", "GM0473")
FACTS = "cbs_municipal_facts"


@pytest.fixture(scope="module")
def facts() -> pl.DataFrame:
    """Give the public figures of all municipalities."""
    return municipal_facts(ROOT)


def table(source: str, file: str) -> pl.DataFrame:
    """Read a shipped file as text."""
    return pl.read_csv(ROOT / source / file, infer_schema=False)


def total(facts: pl.DataFrame, measure: str, year: int) -> float:
    """Add up a measure over all municipalities."""
    return facts.filter((pl.col("measure") == measure) & (pl.col("year") == year))["value"].sum()


@pytest.mark.unit
def test_the_shipped_sources_are_those_that_the_product_names() -> None:
    assert list(SOURCES) == [
        "care_figures",
        "cbs_dwelling_ownership",
        "cbs_homeless",
        FACTS,
        "cbs_wmo_flow_samples",
        "municipality_changes",
        "municipality_names",
        "regional_agreements",
        "relets_national",
        "status_holders_task",
    ]


@pytest.mark.unit
@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_every_shipped_file_is_the_declared_one(source: OpenSource) -> None:
    rows = verify_source(source)
    assert rows == {file.name: file.rows for file in source.files}
    assert source.accessed == date(2026, 11, 21)
    for file in source.files:
        assert pl.read_csv(source.folder / file.name, infer_schema=False).height == file.rows


@pytest.mark.unit
def test_all_municipal_facts_are_shipped() -> None:
    assert verify_source(SOURCES[FACTS])["municipal_facts.csv"] == 10_446


@pytest.mark.unit
@pytest.mark.parametrize("source", SOURCES.values(), ids=list(SOURCES))
def test_every_quoted_figure_names_the_page_it_was_read_on(source: OpenSource) -> None:
    for file in source.files:
        rows = table(source.id, file.name)
        if "address" not in rows.columns:
            continue
        for row in rows.iter_rows(named=True):
            if row["address"] is None:
                assert row.get("kind") == "derived" or row.get("source"), row
            else:
                assert row["address"].startswith(("https://", "http://")), row


@pytest.mark.unit
def test_the_hash_of_a_source_follows_from_its_files() -> None:
    hashes = {source.sha256 for source in SOURCES.values()}
    assert len(hashes) == len(SOURCES)
    source = SOURCES[FACTS]
    changed = source.files[0].model_copy(update={"sha256": "0" * 64})
    other = source.model_copy(update={"files": (changed, *source.files[1:])})
    assert other.sha256 != source.sha256
    assert "folder" not in source.model_dump()


@pytest.mark.reference
def test_spot_values_are_those_that_were_published(facts: pl.DataFrame) -> None:
    values = {
        (code, measure, year): value
        for code, year, measure, value in facts.select(
            "municipality_code", "year", "measure", "value"
        ).iter_rows()
    }
    assert values["GM0392", "households", 2021] == 78_202
    assert values["GM0392", "dwellings_1jan", 2021] == 77_201
    assert values["GM0392", "corporation_dwellings_pct", 2021] == 30
    assert values["GM0453", "population", 2025] == 70_026
    assert values["GM0363", "households", 2025] == 516_096
    assert values["GM1980", "population", 2024] == 90_076
    assert ("GM1979", "dwellings_1jan", 2021) not in values


@pytest.mark.reference
def test_sums_over_all_municipalities_are_plausible(facts: pl.DataFrame) -> None:
    assert total(facts, "population", 2021) == 17_475_415
    assert total(facts, "households", 2021) == 8_043_443
    assert total(facts, "population", 2024) == 17_942_942
    assert total(facts, "dwellings_1jan", 2024) == 8_204_049
    country = table(FACTS, "municipal_facts.csv").filter(pl.col("gm_code") == "NL01")
    assert country.height == 2
    for row in country.iter_rows(named=True):
        assert total(facts, row["measure"], 2025) == float(row["value"])


@pytest.mark.reference
def test_two_readings_of_the_population_differ_in_two_known_municipalities(
    facts: pl.DataFrame,
) -> None:
    readings = facts.filter(pl.col("year") == 2021).pivot(
        on="measure", index="municipality_code", values="value"
    )
    differing = readings.filter(pl.col("population") != pl.col("population_70072ned"))
    assert differing["municipality_code"].to_list() == ["GM0376", "GM0417"]
    assert differing["population"].sum() == differing["population_70072ned"].sum() == 23_352


@pytest.mark.unit
def test_facts_are_typed_unique_and_of_municipalities_only(facts: pl.DataFrame) -> None:
    assert facts.schema == {
        "municipality_code": pl.String,
        "name": pl.String,
        "year": pl.Int32,
        "measure": pl.String,
        "value": pl.Float64,
        "source_id": pl.String,
    }
    assert facts.height == 10_444
    assert facts["municipality_code"].str.contains(r"^GM\d{4}$").all()
    assert facts.select("municipality_code", "year", "measure").is_unique().all()
    assert facts["value"].min() >= 0
    assert facts.drop("name").null_count().sum_horizontal().item() == 0


@pytest.mark.reference
def test_the_seven_municipalities_of_the_covenant_have_176537_households() -> None:
    factors = key_factors(ROOT, COVENANT, 2021)
    assert factors["households"].sum() == 176_537
    assert factors["municipality_code"].to_list() == list(COVENANT)
    haarlem = factors.row(2, named=True)
    assert haarlem == {
        "municipality_code": "GM0392",
        "municipality_name": "Haarlem",
        "households": 78_202,
        "association_dwellings": 23_160,
        "association_dwellings_low": 22_774,
        "association_dwellings_high": 23_546,
        "population": 162_543,
        "dwellings": 77_201,
        "composed_of": "",
    }


@pytest.mark.reference
def test_equal_weights_split_178_as_in_the_illustration() -> None:
    factors = key_factors(ROOT, COVENANT, 2021).select(
        "municipality_code", "households", "association_dwellings"
    )
    shares = key_shares(factors, {"households": 0.5, "association_dwellings": 0.5}).by_code()
    assert [round(float(178 * share), 2) for share in shares.values()] == [
        21.14,
        7.93,
        77.20,
        17.94,
        10.52,
        34.19,
        9.08,
    ]
    assert list(apportion(shares, 178).values()) == [21, 8, 77, 18, 11, 34, 9]


@pytest.mark.reference
@pytest.mark.parametrize(
    ("factor", "homes"),
    [
        ("households", [19, 10, 79, 18, 12, 31, 9]),
        ("association_dwellings", [23, 6, 76, 18, 9, 37, 9]),
    ],
)
def test_each_factor_alone_splits_178_as_computed_before(factor: str, homes: list[int]) -> None:
    factors = key_factors(ROOT, COVENANT, 2021)
    assert apportion(factors[factor].to_list(), 178, names=COVENANT) == homes


@pytest.mark.reference
def test_the_last_home_of_heemstede_hangs_on_the_rounding_of_the_percentages() -> None:
    factors = key_factors(ROOT, COVENANT, 2021)
    upper = factors.with_columns(
        association_dwellings=pl.when(pl.col("municipality_code") == "GM0392")
        .then("association_dwellings_high")
        .otherwise("association_dwellings")
    ).select("municipality_code", "households", "association_dwellings")
    shares = key_shares(upper, {"households": 1, "association_dwellings": 1}).by_code()
    homes = apportion(shares, 178)
    assert (homes["GM0392"], homes["GM0397"]) == (78, 10)


@pytest.mark.reference
def test_the_estimate_for_amsterdam_is_near_the_counted_stock() -> None:
    counted = 185_342
    row = key_factors(ROOT, ["GM0363"], 2021).row(0, named=True)
    assert row["association_dwellings"] == 184_495
    assert row["association_dwellings_low"] < counted < row["association_dwellings_high"]


@pytest.mark.reference
def test_a_merged_municipality_gets_the_sum_of_those_it_came_from() -> None:
    parts = key_factors(ROOT, ["GM0398", "GM0416"], 2021)
    merged = key_factors(ROOT, ["GM1980"], 2021).row(0, named=True)
    assert merged["municipality_name"] == "Dijk en Waard"
    assert merged["composed_of"] == "GM0398, GM0416"
    for column in ("households", "association_dwellings", "population", "dwellings"):
        assert merged[column] == parts[column].sum(), column
    assert merged["households"] == 24_166 + 11_822


@pytest.mark.reference
def test_a_stock_on_older_boundaries_is_added_up_for_a_younger_municipality() -> None:
    row = key_factors(ROOT, ["GM1979"], 2021).row(0, named=True)
    assert row["composed_of"] == "GM0003, GM0010, GM0024"
    assert row["households"] == 21_443
    assert row["dwellings"] == 6_023 + 12_278 + 4_782
    assert row["association_dwellings"] == round(0.32 * row["dwellings"])


@pytest.mark.reference
def test_all_municipalities_of_2021_have_factors(facts: pl.DataFrame) -> None:
    codes = facts.filter((pl.col("year") == 2021) & (pl.col("measure") == "households"))[
        "municipality_code"
    ]
    factors = key_factors(ROOT, codes, 2021)
    assert factors.height == 352
    assert factors["households"].sum() == 8_043_443
    # CBS counted 2,312,981 on 1 January 2023; the estimate from whole percents is within 1 %.
    assert abs(factors["association_dwellings"].sum() / 2_312_981 - 1) < 0.01
    low, high = "association_dwellings_low", "association_dwellings_high"
    assert (factors[low] <= factors["association_dwellings"]).all()
    assert (factors["association_dwellings"] <= factors[high]).all()


@pytest.mark.unit
def test_codes_that_ever_were_a_municipality_are_known() -> None:
    codes = municipal_codes(ROOT)
    assert {"GM0392", "GM0398", "GM1980", "GM0457", "GM0689"} <= codes
    assert "NL01" not in codes
    assert all(len(code) == 6 for code in codes)


KEY_FAULTS = [
    ([], 2021, "there are no municipalities"),
    (["GM9999"], 2021, "municipality GM9999 is not known"),
    (["0392"], 2021, "expected a CBS code such as GM0392"),
    (["GM0392", "GM0392"], 2021, "municipality GM0392 stands more than once"),
    (["GM0392"], 2022, "there is no households of 2022 for GM0392; found figures of 2021, 2025"),
    (["GM0458"], 2021, "there is no households of 2021 for GM0458; found no figures of any year"),
]


@pytest.mark.unit
@pytest.mark.parametrize(("codes", "year", "words"), KEY_FAULTS)
def test_a_municipality_without_figures_is_named(codes: list[str], year: int, words: str) -> None:
    with pytest.raises(UitstroomError) as caught:
        key_factors(ROOT, codes, year)
    assert words in str(caught.value)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give a copy of all sources that a test may damage."""
    return Path(shutil.copytree(ROOT, tmp_path / "open"))


def of(root: Path, source_id: str) -> OpenSource:
    """Load one source of a root."""
    return next(source for source in load_open_sources(root) if source.id == source_id)


@pytest.mark.unit
def test_a_changed_byte_is_found(copy: Path) -> None:
    path = copy / FACTS / "municipal_facts.csv"
    content = path.read_bytes()
    at = content.index(b"78202")
    path.write_bytes(content[:at] + b"78203" + content[at + 5 :])
    with pytest.raises(UitstroomError) as caught:
        verify_source(of(copy, FACTS))
    message = str(caught.value)
    assert message.startswith(f"{FACTS}/municipal_facts.csv: the file is not the one")
    assert sha256(path.read_bytes()).hexdigest() in message
    assert SOURCES[FACTS].files[0].sha256 in message
    assert "\n" not in message


def _redeclared(path: Path) -> None:
    """Write the present hash of the homeless figures into their declaration."""
    declaration = path / "source.toml"
    old = tomllib.loads(declaration.read_text(encoding="utf-8"))["files"][0]["sha256"]
    new = sha256((path / "homeless.csv").read_bytes()).hexdigest()
    declaration.write_text(
        declaration.read_text(encoding="utf-8").replace(old, new), encoding="utf-8"
    )


def _drop_a_row(path: Path) -> None:
    lines = (path / "homeless.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (path / "homeless.csv").write_text("".join(lines[:-1]), encoding="utf-8")
    _redeclared(path)


def _rename_a_column(path: Path) -> None:
    text = (path / "homeless.csv").read_text(encoding="utf-8")
    (path / "homeless.csv").write_text(text.replace("group", "part", 1), encoding="utf-8")
    _redeclared(path)


DAMAGES: list[tuple[Callable[[Path], object], str]] = [
    (_drop_a_row, "homeless.csv: the number of rows is not the declared one; found 45"),
    (_rename_a_column, "homeless.csv: the columns are not those that were declared"),
    (lambda path: (path / "homeless.csv").unlink(), "homeless.csv: a declared file is not there"),
    (
        lambda path: (path / "notes.csv").write_text("a\n", encoding="utf-8"),
        "cbs_homeless/notes.csv: this file is not declared",
    ),
]


@pytest.mark.unit
@pytest.mark.parametrize(("damage", "words"), DAMAGES)
def test_a_damaged_source_is_refused_in_one_sentence(
    copy: Path, damage: Callable[[Path], object], words: str
) -> None:
    damage(copy / "cbs_homeless")
    with pytest.raises(UitstroomError) as caught:
        verify_source(of(copy, "cbs_homeless"))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


DECLARATIONS = [
    ('licence = "', 'lisence = "', "key 'licence' is missing"),
    ("accessed =", 'licenze = "x"\naccessed =', "Did you mean 'licence'?"),
    ("rows =", "row = 3\nrows =", "key 'files.0.row' is not known. Did you mean 'rows'?"),
    ("rows = 46", "rows = -1", "greater than or equal to 0"),
    ('id = "cbs_homeless"', 'id = "homeless"', "found homeless; expected cbs_homeless"),
    ('id = "cbs_homeless"', "id = cbs", "this is not valid TOML"),
    ("accessed =", 'folder = "x"\naccessed =', "key 'folder' is not known"),
    ('name = "homeless.csv"', 'name = "../homeless.csv"', "files.0.name"),
]


@pytest.mark.unit
@pytest.mark.parametrize(("old", "new", "words"), DECLARATIONS)
def test_a_faulty_declaration_is_named_with_its_file(
    copy: Path, old: str, new: str, words: str
) -> None:
    path = copy / "cbs_homeless" / "source.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UitstroomError) as caught:
        load_open_sources(copy)
    assert words in str(caught.value)
    assert "cbs_homeless/source.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.unit
def test_a_folder_without_declaration_and_a_missing_root_are_said(copy: Path) -> None:
    (copy / "cbs_homeless" / "source.toml").unlink()
    with pytest.raises(UitstroomError, match=r"cbs_homeless: a public source has no source\.toml"):
        load_open_sources(copy)
    with pytest.raises(UitstroomError, match="folder of the public sources is not there"):
        load_open_sources(copy / "nowhere")


BAD_ROWS = [
    ("GM0392,Haarlem,2021,households,78202", "GM392,Haarlem,2021,households,78202", "a munic"),
    ("GM0392,Haarlem,2021,households,78202", "GM0392,Haarlem,x,households,78202", "a year"),
    ("GM0392,Haarlem,2021,households,78202", "GM0392,Haarlem,2021,households,-2", "a value of 0"),
    ("GM0392,Haarlem,2021,households,78202", "GM0392,Haarlem,2021,households,.", "a value of 0"),
    ("GM0392,Haarlem,2021,households,78202", "GM0392,Haarlem,2021,homes,78202", "a measure of"),
    ("GM0392,Haarlem,2021,households,78202", "GM0375,Haarlem,2021,households,1", "one row for"),
    ("2021,households,78202,kwb2021_geo", "2021,households,78202,kwb", "an edition of"),
]


@pytest.mark.unit
@pytest.mark.parametrize(("old", "new", "expected"), BAD_ROWS)
def test_a_row_that_is_no_figure_is_named_with_its_line(
    copy: Path, old: str, new: str, expected: str
) -> None:
    path = copy / FACTS / "municipal_facts.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if old in line)
    lines[at] = lines[at].replace(old, new)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(UitstroomError) as caught:
        municipal_facts(copy)
    assert f"expected {expected}" in str(caught.value)
    if expected != "one row for":
        assert f"municipal_facts.csv, line {at + 1}:" in str(caught.value)


@pytest.mark.unit
def test_a_figure_that_is_taken_away_is_missed_by_name(copy: Path) -> None:
    path = copy / FACTS / "municipal_facts.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("GM0416,Langedijk,2021,dwellings_1jan")]
    assert len(kept) == len(lines) - 1
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    with pytest.raises(UitstroomError) as caught:
        key_factors(copy, ["GM0392", "GM1980"], 2021)
    lines_of = str(caught.value).splitlines()
    assert "there is no dwellings_1jan of 2021 for GM1980" in lines_of[0]
    assert "there is no corporation_dwellings_pct of 2021 for GM1980" in lines_of[1]
    assert len(lines_of) == 2


@pytest.mark.unit
def test_an_unknown_code_is_refused_and_a_missing_figure_fails() -> None:
    with pytest.raises(RefusedError):
        key_factors(ROOT, ["GM9999"], 2021)


@pytest.mark.reference
def test_owners_of_dwellings_add_up() -> None:
    rows = table("cbs_dwelling_ownership", "dwelling_ownership.csv").cast(
        {
            name: pl.Int64
            for name in (
                "year_1jan",
                "total",
                "owner_occupied",
                "rental_total",
                "corporation",
                "other_landlords",
                "unknown",
            )
        }
    )
    parts = rows["owner_occupied"] + rows["rental_total"] + rows["unknown"]
    assert (parts == rows["total"]).all()
    assert (rows["corporation"] + rows["other_landlords"] == rows["rental_total"]).all()
    in_2023 = rows.filter(pl.col("year_1jan") == 2023)
    country = in_2023.filter(pl.col("region") == "Nederland")["corporation"].item()
    provinces = in_2023.filter(pl.col("region") != "Nederland")["corporation"]
    assert country == provinces.sum() == 2_312_981


@pytest.mark.reference
def test_published_numbers_of_the_agreements_are_kept_by_kind() -> None:
    rows = table("regional_agreements", "agreements.csv")
    values = {
        (row["region_id"], row["kind"], row["year"], row["unit"]): int(row["value"])
        for row in rows.filter(~pl.col("kind").is_in(["stock", "composition", "party"])).iter_rows(
            named=True
        )
    }
    assert values["zk-ijmond", "demand", "2021", "dwellings"] == 1_450
    assert values["zk-ijmond", "cap", "2023", "dwellings"] == 178
    assert values["zk-ijmond", "promise", "2022", "months"] == 6
    assert values["amsterdam", "target", "2017", "dwellings"] == 1_850
    assert values["amsterdam", "cap", "2021", "dwellings"] == 1_950
    assert values["amsterdam", "promise", "2017", "months"] == 3
    assert values["drechtsteden-alblasserwaard", "target", None, "dwellings"] == 50
    homes = rows.filter(pl.col("measure") == "association dwellings for vulnerable groups")
    realised = homes.filter(pl.col("kind") == "realised")
    assert dict(realised.select("year", "value").iter_rows()) == {"2017": "1823", "2020": "1785"}


@pytest.mark.reference
def test_addresses_of_an_old_municipality_all_go_somewhere() -> None:
    rows = table("municipality_changes", "boundary_changes.csv").cast(
        {"addresses": pl.Int64, "share_of_from": pl.Float64}
    )
    old = ["from_year", "to_year", "from_gm"]
    sums = rows.group_by(old).agg(pl.col("share_of_from").sum(), pl.col("addresses").sum())
    assert ((sums["share_of_from"] - 1).abs() < 2e-5).all()
    joined = rows.join(sums, on=old, validate="m:1", suffix="_all")
    shares = joined["addresses"] / joined["addresses_all"]
    assert ((shares - joined["share_of_from"]).abs() < 1e-6).all()


READINGS = [
    ("GM0376,2021,population,11952,", "GM0376,2021,population,11953,", "GM0376"),
    (
        "GM0417,2021,population,11400,population_70072ned,11398",
        "GM0392,2021,population,11400,population_70072ned,11398",
        "GM0417",
    ),
]


@pytest.mark.reference
@pytest.mark.parametrize(("old", "new", "code"), READINGS)
def test_two_readings_may_differ_only_as_declared(
    copy: Path, old: str, new: str, code: str
) -> None:
    path, declaration = copy / FACTS / "two_readings.csv", copy / FACTS / "source.toml"
    content = path.read_text()
    assert old in content
    changed = content.replace(old, new)
    path.write_text(changed)
    hashes = [sha256(text.encode()).hexdigest() for text in (content, changed)]
    declaration.write_text(declaration.read_text().replace(*hashes))
    source = next(item for item in load_open_sources(copy) if item.id == FACTS)
    with pytest.raises(UitstroomError, match="differ otherwise than declared") as caught:
        verify_source(source)
    assert code in str(caught.value)
