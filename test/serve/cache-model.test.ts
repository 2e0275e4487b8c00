import { describeCacheAgainstOracle } from '../model/model-runs.ts';

describeCacheAgainstOracle(600);
