import express from 'express'
import { z } from 'zod'

const Note = z.object({ text: z.string().min(1).max(280) })
const notes: string[] = []
const app = express()

app.use(express.json())
app.get('/notes', (_request, response) => response.json(notes))
app.post('/notes', (request, response) => {
  const note = Note.safeParse(request.body)
  if (!note.success) return response.status(400).json(note.error.issues)
  notes.push(note.data.text)
  return response.status(201).end()
})
app.listen(3000)
