import { testVectors } from '@vantio/schema/vectors/test-vectors';

// The schema's own code is what the library is bundled from: here it is held to the vectors on every Node version.
testVectors();
