"""Official splits of parliaments and people over parties, states and countries, with their sources.

Every table carries a total that was published beside it, so that a slip in the input shows.
"""

from fractions import Fraction

import pytest

from models.errors import RefusedError
from models.quota import apportion
from models.quota.bounds import bounded_shares
from models.quota.many import apportion_many

pytestmark = pytest.mark.reference

# US Census Bureau, "Apportionment Population and Number of Representatives by State: 2020 Census"
# (Table 1, 26 April 2021): population and seats, by the method of equal proportions.
HOUSE_2020 = {
    "AL": (5_030_053, 7),
    "AK": (736_081, 1),
    "AZ": (7_158_923, 9),
    "AR": (3_013_756, 4),
    "CA": (39_576_757, 52),
    "CO": (5_782_171, 8),
    "CT": (3_608_298, 5),
    "DE": (990_837, 1),
    "FL": (21_570_527, 28),
    "GA": (10_725_274, 14),
    "HI": (1_460_137, 2),
    "ID": (1_841_377, 2),
    "IL": (12_822_739, 17),
    "IN": (6_790_280, 9),
    "IA": (3_192_406, 4),
    "KS": (2_940_865, 4),
    "KY": (4_509_342, 6),
    "LA": (4_661_468, 6),
    "ME": (1_363_582, 2),
    "MD": (6_185_278, 8),
    "MA": (7_033_469, 9),
    "MI": (10_084_442, 13),
    "MN": (5_709_752, 8),
    "MS": (2_963_914, 4),
    "MO": (6_160_281, 8),
    "MT": (1_085_407, 2),
    "NE": (1_963_333, 3),
    "NV": (3_108_462, 4),
    "NH": (1_379_089, 2),
    "NJ": (9_294_493, 12),
    "NM": (2_120_220, 3),
    "NY": (20_215_751, 26),
    "NC": (10_453_948, 14),
    "ND": (779_702, 1),
    "OH": (11_808_848, 15),
    "OK": (3_963_516, 5),
    "OR": (4_241_500, 6),
    "PA": (13_011_844, 17),
    "RI": (1_098_163, 2),
    "SC": (5_124_712, 7),
    "SD": (887_770, 1),
    "TN": (6_916_897, 9),
    "TX": (29_183_290, 38),
    "UT": (3_275_252, 4),
    "VT": (643_503, 1),
    "VA": (8_654_542, 11),
    "WA": (7_715_946, 10),
    "WV": (1_795_045, 2),
    "WI": (5_897_473, 8),
    "WY": (577_719, 1),
}

# Bundeswahlleiterin, final result of the election of 23 February 2025: second votes and seats of
# the parties that take part in the split, by Sainte-Lague (section 5 of the Bundeswahlgesetz).
BUNDESTAG_2025 = {
    "CDU": (11_196_374, 164),
    "AfD": (10_328_780, 152),
    "SPD": (8_149_124, 120),
    "GRUENE": (5_762_380, 85),
    "Die Linke": (4_356_532, 64),
    "CSU": (2_964_028, 44),
    "SSW": (76_138, 1),
}

# Kiesraad, result of the Tweede Kamer election of 22 November 2023 (set on 1 and 4 December 2023):
# votes and seats of the lists at or above the electoral quotient (10,432,726 votes / 150), D'Hondt.
TWEEDE_KAMER_2023 = {
    "PVV": (2_450_878, 37),
    "GROENLINKS / PvdA": (1_643_073, 25),
    "VVD": (1_589_519, 24),
    "NSC": (1_343_287, 20),
    "D66": (656_292, 9),
    "BBB": (485_551, 7),
    "CDA": (345_822, 5),
    "SP": (328_225, 5),
    "DENK": (246_765, 3),
    "PvdD": (235_148, 3),
    "FVD": (232_963, 3),
    "SGP": (217_270, 3),
    "ChristenUnie": (212_532, 3),
    "Volt": (178_802, 2),
    "JA21": (71_345, 1),
}

# Swiss Federal Council, ordinance of 1 September 2021 on the seats of the Nationalrat (SR
# 161.13); resident population at the end of 2020 (Federal Statistical Office, 8,670,300). Article
# 17 of the law on political rights: cantons below the quotient get one seat and drop out, as often
# as needed; the rest is split by largest remainder. That is largest remainder with a minimum of 1.
NATIONALRAT_2023 = {
    "ZH": (1_553_423, 36),
    "BE": (1_043_132, 24),
    "LU": (416_347, 9),
    "UR": (36_819, 1),
    "SZ": (162_157, 4),
    "OW": (38_108, 1),
    "NW": (43_520, 1),
    "GL": (40_851, 1),
    "ZG": (128_794, 3),
    "FR": (325_496, 7),
    "SO": (277_462, 6),
    "BS": (196_735, 4),
    "BL": (290_969, 7),
    "SH": (83_107, 2),
    "AR": (55_309, 1),
    "AI": (16_293, 1),
    "SG": (514_504, 12),
    "GR": (200_096, 5),
    "AG": (694_072, 16),
    "TG": (282_909, 6),
    "TI": (350_986, 8),
    "VD": (814_762, 19),
    "VS": (348_503, 8),
    "NE": (175_894, 4),
    "GE": (506_343, 12),
    "JU": (73_709, 2),
}

# European Commission, COM(2015) 451 of 9 September 2015: 120,000 people to be relocated (54,000
# from Hungary, 50,400 from Greece, 15,600 from Italy), per member state as published.
EU_2015 = {
    "Austria": 3_640,
    "Belgium": 4_564,
    "Bulgaria": 1_600,
    "Croatia": 1_064,
    "Cyprus": 274,
    "Czechia": 2_978,
    "Estonia": 373,
    "Finland": 2_398,
    "France": 24_031,
    "Germany": 31_443,
    "Latvia": 526,
    "Lithuania": 780,
    "Luxembourg": 440,
    "Malta": 133,
    "Netherlands": 7_214,
    "Poland": 9_287,
    "Portugal": 3_074,
    "Romania": 4_646,
    "Slovakia": 1_502,
    "Slovenia": 631,
    "Spain": 14_931,
    "Sweden": 4_469,
}


def halves(table: dict[str, tuple[int, int]]) -> tuple[dict[str, int], dict[str, int]]:
    """Give weights and published numbers apart."""
    return (
        {name: weight for name, (weight, _) in table.items()},
        {name: seats for name, (_, seats) in table.items()},
    )


def test_the_us_house_of_2020_is_huntington_hill() -> None:
    people, seats = halves(HOUSE_2020)
    assert sum(people.values()) == 331_108_434
    assert apportion(people, 435, "huntington-hill") == seats


def test_the_last_us_seat_hangs_on_89_people_in_new_york_or_26_in_minnesota() -> None:
    # Census Bureau, news conference of 26 April 2021: 89 more people in New York would have moved
    # the last seat of Minnesota there, as would 26 fewer in Minnesota.
    people, seats = halves(HOUSE_2020)
    for name, enough in (("NY", 89), ("MN", -26)):
        short = enough - (1 if enough > 0 else -1)
        assert apportion(people | {name: people[name] + short}, 435, "huntington-hill") == seats
        moved = apportion(people | {name: people[name] + enough}, 435, "huntington-hill")
        assert (moved["NY"], moved["MN"]) == (27, 7)


def test_the_bundestag_of_2025_is_sainte_lague() -> None:
    votes, seats = halves(BUNDESTAG_2025)
    # All valid second votes were 49,649,512; FDP, BSW and others together have the rest.
    assert sum(seats.values()) == 630
    assert sum(votes.values()) == 42_833_356
    assert apportion(votes, 630, "sainte-lague") == seats
    vectorised = apportion_many(list(votes.values()), 630, "sainte-lague")
    assert vectorised.tolist() == list(seats.values())


def test_the_tweede_kamer_of_2023_is_dhondt() -> None:
    votes, seats = halves(TWEEDE_KAMER_2023)
    assert sum(seats.values()) == 150
    assert min(votes.values()) >= Fraction(10_432_726, 150)
    assert apportion(votes, 150, "dhondt") == seats
    assert apportion_many(list(votes.values()), 150, "dhondt").tolist() == list(seats.values())


def test_the_last_dutch_seat_hangs_on_as_many_votes_as_was_reported() -> None:
    # ANP, 1 December 2023: 160 more votes for D66 or eighty fewer for the SP would have moved it.
    votes, _ = halves(TWEEDE_KAMER_2023)
    for name, too_few, enough in (("D66", 150, 160), ("SP", -70, -80)):
        stays = apportion(votes | {name: votes[name] + too_few}, 150, "dhondt")
        moves = apportion(votes | {name: votes[name] + enough}, 150, "dhondt")
        assert (stays["D66"], stays["SP"]) == (9, 5)
        assert (moves["D66"], moves["SP"]) == (10, 4)


def test_the_nationalrat_of_2023_is_largest_remainder_with_a_minimum_of_one() -> None:
    people, seats = halves(NATIONALRAT_2023)
    assert sum(people.values()) == 8_670_300
    assert sum(seats.values()) == 200
    assert apportion(people, 200, minimum=dict.fromkeys(people, 1)) == seats


def test_the_swiss_preliminary_rounds_are_the_shares_within_the_minimum() -> None:
    people, _ = halves(NATIONALRAT_2023)
    left, seats, single = dict(people), 200, set()
    while below := {name for name in left if left[name] < Fraction(sum(left.values()), seats)}:
        single |= below
        seats -= len(below)
        left = {name: left[name] for name in left if name not in below}
    shares = bounded_shares(people, 200, minimum=dict.fromkeys(people, 1))
    assert {name for name, share in shares.items() if share == 1} == single
    for name, number in left.items():
        assert shares[name] == Fraction(number * seats, sum(left.values()))


def test_the_published_split_of_the_eu_loses_two_people_and_ours_does_not() -> None:
    assert sum(EU_2015.values()) == 119_998
    repaired = apportion(EU_2015, 120_000)
    assert sum(repaired.values()) == 120_000
    moved = {name for name in EU_2015 if repaired[name] != EU_2015[name]}
    assert len(moved) == 2
    with pytest.raises(RefusedError, match="add up to 119998, below the total of 120000"):
        apportion(EU_2015, 120_000, maximum=EU_2015)
