import { addEnglish } from '..'
import { comments } from '../en/comments'

addEnglish({ comments })
