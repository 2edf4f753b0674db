// Preact with hooks and htm, as one module.
export * from './standalone.module.js';
