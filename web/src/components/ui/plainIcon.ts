import { h, type FunctionalComponent } from 'vue'

type Node = readonly [tag: string, attributes: Record<string, string>]

interface Props {
  /** Default 24. */
  readonly size?: number
}

/** Makes the component of an icon, in builds instead of @lucide/vue's own, which can do more and is larger. Attributes go to the svg element. */
export default function createLucideIcon({ node }: { readonly node: readonly Node[] }): FunctionalComponent<Props> {
  const icon: FunctionalComponent<Props> = ({ size = 24, ...attributes }) =>
    h('svg', { ...PLAIN, width: size, height: size, ...attributes }, node.map((part) => h(...part)))
  return icon
}

const PLAIN = {
  ...{ xmlns: 'http://www.w3.org/2000/svg', viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor' },
  ...{ 'stroke-width': 2, 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' },
}
