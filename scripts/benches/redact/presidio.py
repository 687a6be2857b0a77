"""Presidio's recognisers of patterns over the lines of a file: prints the seconds that it took, set-up left out.

Without its language model, which is no package of PyPI: with one it would be slower.
"""

import sys
import time

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine


class NoNlp(NlpEngine):
    """Knows no words: only patterns are looked for."""

    def load(self) -> None:
        pass

    def is_loaded(self) -> bool:
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        return NlpArtifacts([], [], [], [], self, language)

    def process_batch(self, texts, language, batch_size=1, n_process=1, **_):
        return ((text, self.process_text(text, language)) for text in texts)

    def is_stopword(self, word: str, language: str) -> bool:
        return False

    def is_punct(self, word: str, language: str) -> bool:
        return False

    def get_supported_entities(self) -> list[str]:
        return []

    def get_supported_languages(self) -> list[str]:
        return ["en"]


engine = NoNlp()
registry = RecognizerRegistry()
registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
registry.recognizers = [one for one in registry.recognizers if "Spacy" not in one.name]
analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])

with open(sys.argv[1], encoding="utf-8") as file:
    lines = file.read().splitlines()
analyzer.analyze(lines[0], language="en")
start = time.perf_counter()
for line in lines:
    analyzer.analyze(line, language="en")
print(time.perf_counter() - start)
