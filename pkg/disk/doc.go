// Package disk reads trees of files from folders and git revisions, and writes
// them to folders whole or not at all, one process at a time. It never decides
// what to write, never prints, never follows a symbolic link in a tree that Read
// or Write is given, and reads nothing outside of a Root.
package disk
