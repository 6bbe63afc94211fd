import { loadWidths } from '../shapes/text/advance'

// Every test lays text out as the page does once everything has been fetched.
await loadWidths()
