import { ACTIONS } from './actions.ts';
import { EVENT_TYPE_NAMES } from './event-types.ts';
import { WORD_FORMS } from './generated/word-forms.ts';
import type { JsonSchema } from './record-json-schema.ts';

/** Rust source of the names that a record is made of, for the agent: a name that the schema does not know cannot be written there. */
export function rustNamesSource({ properties }: JsonSchema): string {
  const fields = Object.keys(properties).sort();
  return `// Made from the zod schemas by \`npm run generate -w schema\`; do not edit.
#![expect(missing_docs, reason = "schema/record.md says what each of the names means")]
#![expect(clippy::match_same_arms, clippy::too_many_lines, reason = "a table, a line for each name")]

use crate::written::WordForm;

${enumSource('Field', 'A member of a record. The order is that of canonical bytes.', fields)}

${enumSource('EventType', 'What a record tells.', EVENT_TYPE_NAMES)}

${enumSource('Action', 'What was done about it.', ACTIONS)}

impl Field {
    /// What a word of the field may be made of; \`None\` for a field that holds no word.
    #[must_use]
    pub const fn word_form(self) -> Option<WordForm> {
        Some(match self {
${Object.entries(WORD_FORMS).map(formSource).join('\n')}
            _ => return None,
        })
    }
}

const fn word(capitals: bool, marks: &'static str, mark_first: bool, max: usize) -> WordForm {
    WordForm { capitals, marks, mark_first, max }
}
`;
}

function enumSource(name: string, says: string, words: readonly string[]): string {
  return `/// ${says}
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ${name} {
${words.map((word) => `    ${variant(word)},`).join('\n')}
}

impl ${name} {
    /// As it stands in a record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
${words.map((word) => `            Self::${variant(word)} => "${word}",`).join('\n')}
        }
    }
}`;
}

const variant = (word: string): string =>
  word
    .toLowerCase()
    .split('_')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');

const formSource = ([field, form]: [string, { alphabet: string; first?: string; max: number }]) => {
  const marks = form.alphabet.replace(/a-z|A-Z|0-9/g, '');
  return `            Self::${variant(field)} => word(${form.alphabet.includes('A-Z')}, "${marks}", ${form.first === undefined}, ${form.max}),`;
};
