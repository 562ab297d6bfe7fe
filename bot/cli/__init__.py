"""The operator's commands; `app` names them, each has a file of its own.

run      running     the bot on Discord
demo     bot.demo    the bot on a simulated Discord in the browser
import   importing   documents into the library
backup   keeping     a copy of the database
restore  keeping     a copy put back
doctor   doctoring   is all well here, and how to mend what isn't
inspect  inspecting  what is read out of documents
render   rendering   what is posted of a document
check    checking    what is wrong or doubtful in documents
keys     keying      a key for each question, asked for in the terminal
"""
