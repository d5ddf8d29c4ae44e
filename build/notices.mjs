#!/usr/bin/env node
// Writes THIRD-PARTY-NOTICES from what the sources import. A test fails when the file is not what this would write.
import { writeFileSync } from 'node:fs';
import { tsImport } from 'tsx/esm/api';
import { inProject, root } from './lib/project.mjs';

const { thirdPartyNotices } = await tsImport('./third-party.ts', import.meta.url);
writeFileSync(inProject('THIRD-PARTY-NOTICES'), thirdPartyNotices(root));
