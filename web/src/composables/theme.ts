import { computed, shallowRef, watchEffect } from 'vue'
import type { Theme } from '../canvas/palette'
import { load, save } from './storage'

export type ThemeChoice = 'system' | Theme

const choices: readonly unknown[] = ['system', 'light', 'dark']
const stored = load('theme')
const choice = shallowRef<ThemeChoice>(choices.includes(stored) ? (stored as ThemeChoice) : 'system')
const system = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = shallowRef(system.matches)
const theme = computed<Theme>(() => (choice.value === 'system' ? (systemIsDark.value ? 'dark' : 'light') : choice.value))

system.addEventListener('change', () => (systemIsDark.value = system.matches))
watchEffect(() => (document.documentElement.dataset['theme'] = theme.value))

/** Light or dark, as chosen or as the system is; the same everywhere on the page. */
export function useTheme() {
  const choose = (next: ThemeChoice) => {
    choice.value = next
    save('theme', next)
  }
  return { choice, theme, choose, toggle: () => choose(theme.value === 'dark' ? 'light' : 'dark') }
}
