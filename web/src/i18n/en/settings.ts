/** How the page looks and what language it speaks. */
export const settings = {
  appearance: 'Appearance',
  system: 'As the system',
  light: 'Light',
  dark: 'Dark',
  language: 'Language',
  languageNotLoaded: 'The language could not be loaded. Is there a connection?',
} as const
