// Package lego serves one of lego's DNS providers to another process, by the
// protocol of the package process. Its process has the provider's variables in
// its environment. It never lends a provider the identity of the machine.
package lego
