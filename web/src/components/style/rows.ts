import type { StyleProp } from '../../editor/style'
import { language, t, type Key } from '../../i18n'
import type { Choice } from './ChoiceRow.vue'
import { CHOICES, FONT_SIZES, WIDTHS, type ChoiceProp } from './choices'

/** A line of the style panel, for one property. */
export type Row = ChoicesRow | SliderRow

interface ChoicesRow {
  readonly is: 'choices'
  readonly prop: StyleProp
  readonly label: Key
  /** Whether the label is written above the choices. */
  readonly isNamed?: boolean
  readonly choices: () => readonly Choice[]
}

interface SliderRow {
  readonly is: 'slider'
  readonly prop: StyleProp
  readonly label: Key
  readonly min: number
  readonly max: number
  readonly step: number
  readonly text: (value: number) => string
  /** Where on the slider a value is, and which value is at a place, unless they are the same. */
  readonly scale?: { readonly place: (value: number) => number; readonly value: (place: number) => number }
}

/** Rows that belong together. */
export interface Section {
  readonly rows: readonly Row[]
  /** Side by side where there is room. */
  readonly pair?: boolean
  /** Goes on with what is above it: there is no line between them. */
  readonly joined?: boolean
}

const whole = (value: number) => Math.round(value).toLocaleString(language())
const written = (value: number) => value.toLocaleString(language())
const percent = (value: number) => value.toLocaleString(language(), { style: 'percent' })

function choices(prop: ChoiceProp, isNamed = false, label: Key = `panels.style.${prop}` as Key): Row {
  return { is: 'choices', prop, label, isNamed, choices: () => CHOICES[prop].map(({ value, label }) => ({ id: `${prop}-${value}`, value, label: t(`panels.style.${label}`) })) }
}

function share(prop: StyleProp & ('smoothing' | 'thinning' | 'opacity'), min: number): Row {
  return { is: 'slider', prop, label: `panels.style.${prop}` as Key, min, max: 1, step: 0.05, text: percent }
}

/** The slider of widths moves in halvings and doublings. */
const LEAST = Math.log2(0.5)
const MOST = Math.log2(64)
const HALVINGS = { place: (width: number) => Math.log2(width || 1), value: (place: number) => Math.round(2 ** place * 4) / 4 }

/** The pattern of a fill is shown with its colour. */
export const PATTERN = choices('fillstyle', false, 'panels.style.pattern')

/** What the panel shows beneath the colours, in its order; of each only what applies. */
export const SECTIONS: readonly Section[] = [
  {
    rows: [
      { is: 'choices', prop: 'width', label: 'panels.style.width', choices: () => WIDTHS.map((width) => ({ id: `width-${width}`, value: width, label: t('panels.style.widthOf', { width }) })) },
      { is: 'slider', prop: 'width', label: 'panels.style.width', min: LEAST, max: MOST, step: (MOST - LEAST) / 28, text: written, scale: HALVINGS },
    ],
  },
  { rows: [choices('dash', true), choices('corners', true)], pair: true },
  { rows: [{ is: 'slider', prop: 'sides', label: 'panels.style.sides', min: 3, max: 12, step: 1, text: written }] },
  { rows: [choices('route', true), choices('starthead', true), choices('endhead', true)] },
  {
    rows: [
      choices('font'),
      { is: 'choices', prop: 'fontsize', label: 'panels.style.fontsize', choices: () => FONT_SIZES.map(({ value, short, label }) => ({ id: `fontsize-${short}`, value, label: `${short} – ${t(`panels.style.${label}`)}` })) },
      { is: 'slider', prop: 'fontsize', label: 'panels.style.fontsize', min: 8, max: 120, step: 1, text: whole },
    ],
  },
  { rows: [choices('align', false, 'panels.style.align'), choices('valign', false, 'panels.style.align')], pair: true, joined: true },
  { rows: [share('smoothing', 0), share('thinning', 0), share('opacity', 0.05)] },
]
