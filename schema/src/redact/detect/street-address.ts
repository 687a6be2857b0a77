import { DIGIT, is, LETTER, LOWER, runEnd, UPPER } from '../characters.ts';
import { add, type View } from '../view.ts';

const NAME = "[A-Z0-9\\u00c0-\\u00de][a-z0-9\\u00df-\\u024fA-Z'’.-]{0,24}";
const SUFFIX =
  'Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Way|Parkway|Pkwy|Circle|Cir|Highway|Hwy|Trail|Trl|Crescent|Cres|Close|Alley|Plaza|Loop|Grove|Gardens|Mews|Quay|Row|Turnpike|Pike|Expressway|Crossing|Heights|Hill|Hills|Ridge|Run|Path|Point|Island|Islands|Isle|Junction|Junctions|Meadow|Meadows|Mill|Mills|Motorway|Mountain|Mountains|Oval|Park|Parks|Pass|Passage|Pine|Pines|Plain|Plains|Port|Ports|Prairie|Ranch|Rapid|Rapids|Rest|River|Roads|Route|Shore|Shores|Spring|Springs|Spur|Spurs|Station|Stravenue|Stream|Streets|Summit|Throughway|Trace|Track|Trafficway|Tunnel|Underpass|Union|Unions|Valley|Valleys|Via|Viaduct|View|Views|Village|Villages|Ville|Vista|Walk|Walks|Wall|Ways|Well|Wells|Green|Greens|Field|Fields|Ford|Fords|Forest|Forge|Fork|Forks|Fort|Freeway|Garden|Gateway|Glen|Glens|Harbor|Harbors|Haven|Hollow|Inlet|Key|Keys|Knoll|Knolls|Lake|Lakes|Land|Landing|Light|Lights|Locks|Lodge|Manor|Manors|Bridge|Brook|Brooks|Burg|Bypass|Camp|Canyon|Cape|Causeway|Center|Centers|Circles|Cliff|Cliffs|Club|Common|Corner|Corners|Course|Courts|Cove|Coves|Creek|Crest|Curve|Dale|Dam|Divide|Drives|Estate|Estates|Extension|Extensions|Fall|Falls|Ferry|Flat|Flats|Bay|Bayou|Beach|Bend|Bluff|Bluffs|Bottom|Branch|Mall|Mission|Neck|Orchard|Overpass|Radial|Ramp|Shoals|Skyway|Stravenue|Bush|Burgs';
const UNIT =
  '(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|Room|Rm|Bldg|#)\\.? ?#?[A-Za-z0-9-]{1,6})?';
const TOWN = "(?:,? [A-Z][A-Za-z .'-]{1,30},? [A-Z]{2} \\d{5}(?:-\\d{4})?)?";
const ENGLISH = new RegExp(
  `\\d{1,6}[A-Za-z]?(?:-\\d{1,4})?,? (?:${NAME} ){1,4}?(?:${SUFFIX})\\b\\.?(?: [NSEW]{1,2}\\b)?${UNIT}${TOWN}`,
  'y',
);
const FRENCH =
  /\d{1,4}(?: ?bis| ?ter| ?[a-d])?,? (?:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|allée|quai|cours|route|square|passage|voie) (?:(?:de la|de l'|de l’|du|des|de|d'|d’|la|le|les) ?)?[A-Z\u00c0-\u00de][\w\u00c0-\u024f'’-]{1,30}(?: (?:de |du |des |la )?[A-Z\u00c0-\u00de][\w\u00c0-\u024f'’-]{1,30}){0,3}(?:,? \d{5} [A-Z\u00c0-\u00de][\w\u00c0-\u024f-]{1,30})?/iy;
const UPWORD = "[A-Z\\u00c0-\\u00de\\u0104-\\u017d][A-Za-z\\u00c0-\\u024f.'’-]{0,30}";
const BEFORE = new RegExp(
  `(?:(?:^|[^A-Za-z\\u00c0-\\u024f])(?:${UPWORD} )?${UPWORD}(?:straße|strasse|str\\.|[a-z]weg|platz|allee|gasse|ring|damm|ufer|steig|chaussee|straat|laan|gracht|plein|kade|dijk|singel|dreef|steeg|gatan|vägen|gata|vej|gade|katu|tie)` +
    `|(?:^|[^A-Za-z])(?:[A-Z][a-z]+(?:straße|strasse|str\\.| Straße| Str\\.| Platz| Allee| Weg))` +
    `|(?:^|[^A-Za-z])(?:Calle|C/|Avenida|Avda\\.?|Av\\.|Plaza|Paseo|Camino|Carretera|Ronda|Travesía|Rua|Rúa|Alameda|Praça|Travessa|Estrada|Via|Viale|Piazza|Piazzale|Corso|Vicolo|Largo|[Uu]l\\.|[Uu]lica|[Aa]l\\.|[Aa]leja|[Pp]l\\.|[Oo]s\\.|P\\.? ?O\\.? Box|Post Office Box|Postfach|Postbus)(?: (?:${UPWORD}|de|del|della|dei|da|do|dos|das|la|las|los|di|y|e)){0,5}),? ?(?:n[º°.]? ?|nr\\.? ?|núm\\.? )?$`,
);
const CITY =
  /,? ?\d{4,5}(?: [A-Z]{2})?,? [A-Z\u00c0-\u00de][\w\u00c0-\u024f-]{1,30}|,? \d{2}-\d{3} [A-Z\u00c0-\u00de][\w\u00c0-\u024f-]{1,30}/y;
const HOUSE = /\d{1,5} ?(?:[a-zA-Z](?![\w]))?(?:[-/]\d{1,4}[a-zA-Z]?)?/y;

/** An address whose house number starts at `start`. @returns its end, or -1. */
export function streetAddressEnd(view: View, start: number): number {
  const { text } = view;
  const pattern = nameNext(text, start);
  if (pattern !== undefined) {
    pattern.lastIndex = start;
    if (pattern.test(text)) return add(view, 'street_address', start, pattern.lastIndex);
  }
  return isNameBefore(text, start) ? numberLast(view, start) : -1;
}

/** A capital or the start of a French word for street behind the number: nearly all numbers fail here. */
function nameNext(text: string, start: number): RegExp | undefined {
  let at = runEnd(text, start, DIGIT, 7);
  if (is(text, at, LETTER)) at++;
  while (text.charCodeAt(at) === 45 || is(text, at, DIGIT)) at++;
  if (text.charCodeAt(at) === 44) at++;
  if (text.charCodeAt(at) !== 32) return undefined;
  if (FRENCH_WORDS.has(text.slice(at + 1, at + 3).toLowerCase()))
    return isLowerStreet(text, at) ? FRENCH : ENGLISH;
  return is(text, at + 1, UPPER | DIGIT) || text.charCodeAt(at + 1) > 127 ? ENGLISH : undefined;
}

const FRENCH_WORDS = new Set([
  'ru',
  'av',
  'bo',
  'bd',
  'pl',
  'ch',
  'im',
  'al',
  'qu',
  'co',
  'ro',
  'sq',
  'pa',
  'vo',
  'bi',
  'te',
]);
const FRENCH_STREET =
  /(?:bis |ter )?(?:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|allée|quai|cours|route|square|passage|voie) /iy;

function isLowerStreet(text: string, at: number): boolean {
  FRENCH_STREET.lastIndex = at + 1;
  return FRENCH_STREET.test(text);
}

function isNameBefore(text: string, start: number): boolean {
  if (text.charCodeAt(start - 1) !== 32) return false;
  let at = start - 2;
  const last = text.charCodeAt(at);
  if (last === 44 || last === 46 || last === 0xba || last === 0xb0) return true;
  while (start - at < 32 && is(text, at, LETTER)) at--;
  return (
    at < start - 2 &&
    (is(text, at + 1, UPPER) ||
      text.charCodeAt(at + 1) > 127 ||
      (is(text, at + 1, LOWER) && isSuffix(text, start)))
  );
}

function isSuffix(text: string, start: number): boolean {
  return text.startsWith('nr', start - 3);
}

function numberLast(view: View, start: number): number {
  const { text } = view;
  const from = Math.max(view.free, start - 56);
  const found = BEFORE.exec(text.slice(from, start));
  if (found === null) return -1;
  let begin = from + found.index;
  while (!is(text, begin, LETTER)) begin++;
  HOUSE.lastIndex = start;
  let end = HOUSE.test(text) ? HOUSE.lastIndex : start + 1;
  while (text.charCodeAt(end - 1) === 32) end--;
  CITY.lastIndex = end;
  if (CITY.test(text)) end = CITY.lastIndex;
  return add(view, 'street_address', begin, end);
}
