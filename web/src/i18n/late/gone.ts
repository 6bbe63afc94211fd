import { addEnglish } from '..'
import { gone } from '../en/gone'

addEnglish({ gone })
