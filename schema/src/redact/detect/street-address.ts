import { DIGIT, is, LETTER, runEnd, tripleAt, triplesOf, UPPER } from '../characters.ts';
import { add, type View } from '../view.ts';

const NAME = "[A-Z0-9\\u00c0-\\u00de][a-z0-9\\u00df-\\u024fA-Z'’.-]{0,24}";
const SUFFIX =
  'Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Way|Parkway|Pkwy|Circle|Cir|Highway|Hwy|Trail|Trl|Crescent|Cres|Close|Alley|Plaza|Loop|Grove|Gardens|Mews|Quay|Row|Turnpike|Pike|Expressway|Crossing|Heights|Hill|Hills|Ridge|Run|Path|Point|Island|Islands|Isle|Junction|Junctions|Meadow|Meadows|Mill|Mills|Motorway|Mountain|Mountains|Oval|Park|Parks|Pass|Passage|Pine|Pines|Plain|Plains|Port|Ports|Prairie|Ranch|Rapid|Rapids|Rest|River|Roads|Route|Shore|Shores|Spring|Springs|Spur|Spurs|Station|Stravenue|Stream|Streets|Summit|Throughway|Trace|Track|Trafficway|Tunnel|Underpass|Union|Unions|Valley|Valleys|Via|Viaduct|View|Views|Village|Villages|Ville|Vista|Walk|Walks|Wall|Ways|Well|Wells|Green|Greens|Field|Fields|Ford|Fords|Forest|Forge|Fork|Forks|Fort|Freeway|Garden|Gateway|Glen|Glens|Harbor|Harbors|Haven|Hollow|Inlet|Key|Keys|Knoll|Knolls|Lake|Lakes|Land|Landing|Light|Lights|Locks|Lodge|Manor|Manors|Bridge|Brook|Brooks|Burg|Bypass|Camp|Canyon|Cape|Causeway|Center|Centers|Circles|Cliff|Cliffs|Club|Common|Corner|Corners|Course|Courts|Cove|Coves|Creek|Crest|Curve|Dale|Dam|Divide|Drives|Estate|Estates|Extension|Extensions|Fall|Falls|Ferry|Flat|Flats|Bay|Bayou|Beach|Bend|Bluff|Bluffs|Bottom|Branch|Mall|Mission|Neck|Orchard|Overpass|Radial|Ramp|Shoals|Skyway|Deviation|Copse|Nook|Roadside|Fairway|Bush|Burgs';
const UNIT =
  '(?:,?\\s{1,2}(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|Room|Rm|Bldg|#)\\.? ?#?[A-Za-z0-9-]{1,6})?';
const TOWN = "(?:,? [A-Z][A-Za-z .'-]{1,30},? [A-Z]{2} \\d{5}(?:-\\d{4})?)?";
const ENGLISH = new RegExp(
  `\\d{1,6}[A-Za-z]?(?:[-/]\\d{1,4})?,? (?:${NAME} ){1,4}?(?:(?:${SUFFIX})\\b\\.?(?: [NSEW]{1,2}\\b)?${UNIT}|(?:\\d{1,5},?\\s{1,2})?(?:Apt|Suite|Ste|Unit|Apartment)\\.? #?\\d{1,5}[A-Z]?)${TOWN}`,
  'y',
);
const FRENCH =
  /\d{1,4}(?: ?bis| ?ter| ?[a-d])?,? (?:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|allée|quai|cours|route|square|passage|voie) (?:(?:de la|de l'|de l’|du|des|de|d'|d’|la|le|les) ?)?[A-Z\u00c0-\u00de][\w\u00c0-\u024f'’-]{1,30}(?: (?:de |du |des |la )?[A-Z\u00c0-\u00de][\w\u00c0-\u024f'’-]{1,30}){0,3}(?:,? \d{5} [A-Z\u00c0-\u00de][\w\u00c0-\u024f-]{1,30})?/iy;
const UPWORD = "[A-Z\\u00c0-\\u00de\\u0104-\\u017d][A-Za-z\\u00c0-\\u024f.'’-]{0,30}";
const BEFORE = new RegExp(
  `(?:(?:^|[^A-Za-z\\u00c0-\\u024f])(?:${UPWORD} )?${UPWORD}(?:straße|strasse|str\\.|[a-z]weg|-Weg|-Straße|[a-z]hof|boulevard|[a-z]platz|-Platz|[a-z]allee|-Allee|[a-z]gasse|-Ring|[a-z]damm|-Ufer|steig|chaussee|[a-z]straat|[a-z]laan|[a-z]gracht|[a-z]plein|[a-z]kade|[a-z]dijk|singel|dreef|steeg|gatan|vägen|[a-z]vej|[a-z]katu| utca| út| tér)` +
    `|(?:^|[^A-Za-z])(?:[A-Z][a-z]+(?:straße|strasse|str\\.| Straße| Str\\.| Platz| Allee| Weg))` +
    `|(?:^|[^A-Za-z])(?:Calle|C/|C\\. de|Cuesta|Glorieta|Pasaje|Urbanización|Acceso|Vial|Contrada|Strada|Borgo|Incrocio|Rotonda|Canale|Unit \\d{1,5},? Box|PSC \\d{1,5},? Box|CMR \\d{1,5},? Box|Avenida|Avda\\.?|Av\\.|Plaza|Paseo|Camino|Carretera|Ronda|Travesía|Rua|Rúa|Alameda|Praça|Travessa|Estrada|Via|Viale|Piazza|Piazzale|Corso|Vicolo|Largo|[Uu]l\\.|[Uu]lica|[Aa]l\\.|[Aa]leja|[Pp]l\\.|[Oo]s\\.|P\\.? ?O\\.? Box|Post Office Box|Postfach|Postbus)(?: (?:${UPWORD}|de|del|della|dei|da|do|dos|das|la|las|los|di|y|e)){0,5}),? ?(?:n[º°.]? ?|nr\\.? ?|núm\\.? )?$`,
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
  if (text.charCodeAt(at) === 45 || text.charCodeAt(at) === 47) at = runEnd(text, at + 1, DIGIT, 5);
  if (text.charCodeAt(at) === 44) at++;
  if (text.charCodeAt(at) !== 32) return undefined;
  const code = text.charCodeAt(at + 1);
  if (code < 128 && FRENCH_FIRST[code | 32] === 1 && isFrenchStreet(text, at + 1)) return FRENCH;
  if (is(text, at + 1, DIGIT))
    return is(text, runEnd(text, at + 1, DIGIT, 5), LETTER) ? ENGLISH : undefined;
  return (is(text, at + 1, UPPER) || code > 127) && isSuffixNear(text, at + 1)
    ? ENGLISH
    : undefined;
}

// How suffixes begin: by three characters, or two for those that have no more.
const SUFFIXES = [...SUFFIX.split('|'), 'Apt', 'Suite', 'Ste', 'Unit', 'Apartment'];
const SUFFIX_TRIPLES = triplesOf(SUFFIXES.filter((word) => word.length > 2));
const pairOf = (first: number, second: number): number => (first << 8) | second;
const SUFFIX_PAIRS = new Set(
  SUFFIXES.filter((word) => word.length === 2).map((word) =>
    pairOf(word.charCodeAt(0), word.charCodeAt(1)),
  ),
);

const MAX_NAME = 25;

/** Whether one of the four words behind the first begins as a suffix does: the costly look is worth it only then. */
function isSuffixNear(text: string, name: number): boolean {
  let at = name;
  for (let words = 0; words < 4; words++) {
    const last = at + MAX_NAME;
    while (at <= last && text.charCodeAt(at) !== 32) at++;
    if (at > last) return false;
    at++;
    const first = text.charCodeAt(at);
    if (is(text, at, DIGIT)) {
      // 1200 Main 5 Apt 3.
      let end = runEnd(text, at, DIGIT, 5);
      if (text.charCodeAt(end) === 44) end++;
      end += isSpace(text.charCodeAt(end + 1)) ? 2 : 1;
      if (SUFFIX_TRIPLES.has(tripleAt(text, end))) return true;
    } else {
      if (!is(text, at, UPPER) && !(first > 127)) return false;
      if (SUFFIX_PAIRS.has(pairOf(first, text.charCodeAt(at + 1)))) return true;
      if (SUFFIX_TRIPLES.has(tripleAt(text, at))) return true;
    }
  }
  return false;
}

const isSpace = (code: number): boolean => code <= 32 || code === 0xa0 || code > 0x167f;

const FRENCH_FIRST = new Uint8Array(128);
for (const letter of 'rabpciqsvt') FRENCH_FIRST[letter.charCodeAt(0)] = 1;
const FRENCH_STREET =
  /(?:bis |ter )?(?:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|allée|quai|cours|route|square|passage|voie) /iy;

function isFrenchStreet(text: string, at: number): boolean {
  FRENCH_STREET.lastIndex = at;
  return FRENCH_STREET.test(text);
}

const ENDINGS = triplesOf(
  'hof,ard,aße,sse,tr.,weg,Weg,atz,lee,ing,amm,fer,eig,see,aat,aan,cht,ein,ade,ijk,gel,eef,eeg,tan,gen,vej,atu,tca, út,tér'.split(
    ',',
  ),
);
const BEGINNINGS =
  'Cal,C/,C. ,Ave,Avd,Av.,Pla,Pas,Cam,Car,Ron,Tra,Rua,Rúa,Ala,Pra,Est,Via,Pia,Cor,Vic,Lar,ul.,Ul.,uli,Uli,al.,Al.,Ale,ale,pl.,Pl.,os.,Os.,P.O,P. ,PO ,P O,Pos,Cue,Glo,Urb,Acc,Con,Str,Bor,Inc,Rot,Can,Uni,PSC,CMR'.split(
    ',',
  );
const BEGINNING_TRIPLES = triplesOf(BEGINNINGS);
const JOINING = new Set('de,del,della,dei,da,do,dos,das,la,las,los,di,y,e,nr,n,box'.split(','));
// By the first character: nearly all words are done with after one look.
const BEGINS = 1;
const JOINS = 2;
const FIRSTS = new Uint8Array(128);
for (const word of BEGINNINGS) FIRSTS[word.charCodeAt(0)] = BEGINS;
for (const word of JOINING) FIRSTS[word.charCodeAt(0)] = (FIRSTS[word.charCodeAt(0)] ?? 0) | JOINS;

/** Whether one of the few words before the number may be of a street: asked of every number, so it looks at little. */
function isNameBefore(text: string, start: number): boolean {
  if (text.charCodeAt(start - 1) !== 32) return false;
  let end = start - 1;
  if (text.charCodeAt(end - 1) === 44) end--;
  for (let words = 0; words < 6 && start - end < 56; words++) {
    let at = end;
    while (at > 0 && end - at < 32 && !isGap(text.charCodeAt(at - 1))) at--;
    const isName = is(text, at, UPPER) || text.charCodeAt(at) > 0xbf;
    // Nearly all words end it here.
    if (!isName && end - at > 5) return false;
    if (words === 0 && isName && ENDINGS.has(tripleAt(text, end - 3))) return true;
    const may = FIRSTS[text.charCodeAt(at)] ?? 0;
    if ((may & BEGINS) !== 0 && BEGINNING_TRIPLES.has(tripleAt(text, at))) return true;
    if (text.startsWith('C/', at)) return true;
    if (!isName && ((may & JOINS) === 0 || !JOINING.has(text.slice(at, end).replace('.', ''))))
      return false;
    if (text.charCodeAt(at - 1) !== 32) return false;
    end = at - 1;
  }
  return false;
}

function isGap(code: number): boolean {
  return code <= 32 || code === 40 || code === 34 || code === 58;
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
