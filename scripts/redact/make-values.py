"""Makes sdk/vectors/redact/values.json: values by entity that neither our code nor our idea of check digits made.

Faker writes them as its locales do, python-stdnum decides which numbers are valid. Run it in an environment with
Faker 40.63.0 and python-stdnum 2.2, from the top of the repository; the seed decides the rest.
"""

import json
import random
import re
from importlib import import_module

from faker import Faker

SEED = 20261125
random.seed(SEED)
Faker.seed(SEED)

LOCALES = """en_US en_GB de_DE fr_FR es_ES it_IT nl_NL pl_PL pt_BR pt_PT sv_SE fi_FI da_DK no_NO cs_CZ ro_RO bg_BG et_EE
lt_LT hr_HR en_IE en_IN ja_JP zh_CN ru_RU en_AU en_CA de_AT de_CH tr_TR hu_HU el_GR ko_KR es_MX en_NZ""".split()


def nobody(number: str) -> str:
    """The same number as it is written, but for its last three digits: a number that is hardly anyone's."""
    digits = [match.start() for match in re.finditer(r"\d", number.split("x")[0])][-3:]
    return "".join("0" if at in digits else char for at, char in enumerate(number))


def valid(module: str, make, count: int) -> list[str]:
    check = import_module(f"stdnum.{module}")
    found: list[str] = []
    while len(found) < count:
        number = make()
        if check.is_valid(number) and number not in found:
            found.append(number)
    return found


def digits(count: int) -> str:
    return "".join(random.choice("0123456789") for _ in range(count))


def day() -> tuple[str, str, str]:
    return f"{random.randint(40, 99):02}", f"{random.randint(1, 12):02}", f"{random.randint(1, 28):02}"


def dated(order: str, rest: int, gap: str = "") -> str:
    year, month, date = day()
    return "".join({"y": year, "m": month, "d": date}[one] for one in order) + gap + digits(rest)


def faked(locale: str, name: str, count: int) -> list[str]:
    fake = Faker(locale)
    return [str(getattr(fake, name)()) for _ in range(count)]


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVW"
values: dict[str, list[str]] = {
    "phone": [nobody(number) for locale in LOCALES for number in faked(locale, "phone_number", 12)],
    "email": [one for locale in LOCALES for one in faked(locale, "safe_email", 3)],
    "iban": [one for locale in LOCALES for one in faked(locale, "iban", 4)],
    "payment_card": faked("en_US", "credit_card_number", 120),
    "ipv4": faked("en_US", "ipv4_public", 60),
    "ipv6": faked("en_US", "ipv6", 60),
    "mac_address": faked("en_US", "mac_address", 60),
    "us_ssn": faked("en_US", "ssn", 60),
    "us_itin": faked("en_US", "itin", 60),
    "uk_nino": faked("en_GB", "ssn", 60),
    "fr_nir": valid("fr.nir", lambda: str(random.choice([1, 2])) + dated("ym", 10), 60),
    "es_dni": faked("es_ES", "nif", 60),
    "es_nie": faked("es_ES", "nie", 60),
    "it_codice_fiscale": faked("it_IT", "ssn", 60),
    "nl_bsn": valid("nl.bsn", lambda: digits(9), 60),
    "pl_pesel": valid("pl.pesel", lambda: dated("ymd", 5), 60),
    "de_tax_id": valid("de.idnr", lambda: digits(11), 60),
    "eu_national_id": [
        *valid("be.nn", lambda: dated("ymd", 5), 8),
        *valid("se.personnummer", lambda: dated("ymd", 4, "-"), 8),
        *valid("fi.hetu", lambda: dated("dmy", 3, "-") + random.choice("0123456789ABCDEFHJKLMNPRSTUVWXY"), 8),
        *valid("dk.cpr", lambda: dated("dmy", 4, "-"), 8),
        *valid("cz.rc", lambda: dated("ymd", 4, "/"), 8),
        *valid("ro.cnp", lambda: random.choice("12") + dated("ymd", 6), 8),
        *valid("bg.egn", lambda: dated("ymd", 4), 8),
        *valid("ee.ik", lambda: random.choice("34") + dated("ymd", 4), 8),
        *valid("hr.oib", lambda: digits(11), 8),
        *valid("gr.amka", lambda: dated("dmy", 5), 8),
        *valid("at.vnr", lambda: random.choice("123456789") + digits(3) + dated("dmy", 0), 8),
        *valid("ie.pps", lambda: digits(7) + random.choice(ALPHABET), 8),
        *valid("pt.nif", lambda: random.choice("12") + digits(8), 8),
    ],
    "street_address": [
        one.replace("\n", ", ")
        for locale in ["en_US", "en_GB", "en_AU", "de_DE", "nl_NL", "es_ES", "it_IT"]
        for one in faked(locale, "street_address", 8)
    ],
}

with open("sdk/vectors/redact/values.json", "w", encoding="utf-8") as out:
    json.dump(values, out, indent=1, ensure_ascii=False)
    out.write("\n")
