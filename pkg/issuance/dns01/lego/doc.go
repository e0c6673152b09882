// Package lego serves one DNS provider of lego to the process that started it,
// with the protocol of package process. It does not give a provider the identity of
// the machine.
package lego
