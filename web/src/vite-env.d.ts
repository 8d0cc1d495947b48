/** What Vite gives modules besides code. */
/// <reference types="vite/client" />
