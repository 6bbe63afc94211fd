import { computed } from 'vue'
import { language, LANGUAGES, setLanguage, t, wantedLanguage, type Language } from '../i18n'
import { notify } from './notices'
import { load, save } from './storage'

/** Speaks the language that was chosen here, or that the browser asks for; English if it can't be had. */
export async function startLanguage(): Promise<void> {
  await setLanguage(wantedLanguage(load('language'), navigator.languages)).catch(() => undefined)
}

/** The language of the page, and a way to choose another; the choice is kept in this browser. */
export function useLanguage() {
  async function choose(next: Language): Promise<void> {
    try {
      await setLanguage(next)
      save('language', next)
    } catch {
      notify(t('settings.languageNotLoaded'), { tone: 'bad' })
    }
  }
  return { language: computed(language), languages: LANGUAGES, choose }
}
