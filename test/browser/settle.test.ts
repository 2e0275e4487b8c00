import { settlesPages } from '../contract/settling.ts';

// As full Chromium does, which knows no other way.
settlesPages('by itself');
