// Package lego gives lego's DNS providers by their names, each with variables
// of its own. It never reads the environment of the process, and never lends a
// provider the identity of the machine.
package lego
