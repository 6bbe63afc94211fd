import { t } from '../i18n'
import '../i18n/late/switched'
import { notify } from './notices'

export type SwitchName = 'grid' | 'snap' | 'keepTool' | 'pins' | 'zen'

/** Says that something was switched, on or off. */
export function tellSwitched(name: SwitchName, isOn: boolean): void {
  notify(t(`switched.${name}${isOn ? 'On' : 'Off'}`), { topic: name })
}
