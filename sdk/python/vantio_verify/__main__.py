"""python -m vantio_verify: see --help."""

import sys

from .arguments import ArgumentsError, parse_arguments
from .family import FamilyError
from .report import to_json, to_text
from .verify import verify


def main(words: list[str]) -> int:
    try:
        options = parse_arguments(words)
        report = verify(options.request)
    except (ArgumentsError, FamilyError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    print(to_json(report) if options.is_json else to_text(report))
    verdict = report.findings.verdict
    return int(verdict == "rejected" or (options.is_strict and verdict != "verified"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
