import { describeCacheAgainstOracle } from '../model/model-runs.ts';

describeCacheAgainstOracle(10_000);
