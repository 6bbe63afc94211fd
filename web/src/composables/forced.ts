/** Colours of the system's own are rare: what they need comes only with them. */
const forced = matchMedia('(forced-colors: active)')
const yieldColors = () => forced.matches && void import('../styles/forced.css')

forced.addEventListener('change', yieldColors)
yieldColors()
