// Package dnsprovider is the hidden command that run starts for each DNS provider of lego. It does not
// choose a provider.
package dnsprovider
