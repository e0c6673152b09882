// Package lego serves one DNS provider of lego to its parent process, with the protocol of
// package process. It does not give the provider the machine's credentials.
package lego
