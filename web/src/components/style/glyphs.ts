import { h, type FunctionalComponent } from 'vue'

/** Small drawings of what a choice looks like, as SVG paths in a box of 20 × 20. */
const PATHS: { readonly [name: string]: string } = {
  'dash-solid': 'M3 10H17',
  'dash-dashed': 'M3 10H7M9 10H11.5M13.5 10H17.5',
  'dash-dotted': 'M3 10h.01M6.5 10h.01M10 10h.01M13.5 10h.01M17 10h.01',
  'fillstyle-hachure': 'M4 9 9 4M4 15 15 4M9 16 16 9',
  'fillstyle-crosshatch': 'M4 9 9 4M4 15 15 4M9 16 16 9M11 4l5 5M5 4l11 11M4 10l6 6',
  'fillstyle-zigzag': 'M3.5 8 8 4 5 13 14 4 9 16 16.5 9',
  'corners-sharp': 'M4 16V4H16',
  'corners-round': 'M4 16V11Q4 4 11 4H16',
  'route-straight': 'M4 16 16 4',
  'route-curved': 'M4 16C4 8 16 12 16 4',
  'route-elbow': 'M4 16V10H16V4',
  'head-none': 'M4 10H16',
  'head-arrow': 'M4 10H16M11.5 5.5 16 10 11.5 14.5',
  'head-bar': 'M4 10H16M16 5.5V14.5',
  'head-crowfoot': 'M4 10H16M10.5 10 16 5.5M10.5 10 16 14.5',
  'align-left': 'M4 5H16M4 10H11M4 15H14',
  'align-center': 'M4 5H16M6.5 10H13.5M5 15H15',
  'align-right': 'M4 5H16M9 10H16M6 15H16',
  'valign-top': 'M4 4H16M10 16V8M7 10.5 10 7.5 13 10.5',
  'valign-middle': 'M4 10H16M10 3V7M10 17V13',
  'valign-bottom': 'M4 16H16M10 4V12M7 9.5 10 12.5 13 9.5',
}

/** Those that are filled. */
const SOLID: { readonly [name: string]: string } = {
  'fillstyle-solid': 'M6 4H14A2 2 0 0 1 16 6V14A2 2 0 0 1 14 16H6A2 2 0 0 1 4 14V6A2 2 0 0 1 6 4Z',
  'head-triangle': 'M4 9.2H9V5L17 10 9 15V10.8H4Z',
  'head-dot': 'M4 9.2H9.1A3.6 3.6 0 1 1 9.1 10.8H4Z',
  'head-diamond': 'M4 9.2H8.2L12.5 5 17.5 10 12.5 15 8.2 10.8H4Z',
}

export const Glyph: FunctionalComponent<{ name: string }> = ({ name }) =>
  h('svg', { viewBox: '0 0 20 20', width: 20, height: 20, 'aria-hidden': 'true', 'stroke-linecap': 'round', 'stroke-linejoin': 'round' }, [
    name in SOLID
      ? h('path', { d: SOLID[name], fill: 'currentColor' })
      : h('path', { d: PATHS[name], fill: 'none', stroke: 'currentColor', 'stroke-width': name === 'dash-dotted' ? 2.4 : 1.6 }),
  ])
Glyph.props = ['name']
