package main

import (
	"fmt"
	"net"
	"runtime"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// The addresses. A wire leads from here to the node; behind that are the pods
// and, by kube-proxy, the Services.
const (
	wire        = "lab-node"
	hereIP      = "10.244.255.1"
	nodeIP      = "10.244.255.2"
	podCIDR     = "10.244.0.0/24"
	serviceCIDR = "10.96.0.0/16"
)

// layWire connects the namespace of a process, with which the wire goes too.
func layWire(pid int) error {
	there, err := netns.GetFromPid(pid)
	if err != nil {
		return err
	}
	defer there.Close()
	link := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: wire}, PeerName: "eth0", PeerNamespace: netlink.NsPid(pid)}
	if err := netlink.LinkAdd(link); err != nil {
		return fmt.Errorf("add link %s: %w", wire, err)
	}
	here, err := netlink.NewHandle()
	if err != nil {
		return err
	}
	defer here.Close()
	node, err := netlink.NewHandleAt(there)
	if err != nil {
		return err
	}
	defer node.Close()
	if err := raise(here, wire, hereIP+"/30"); err != nil {
		return err
	}
	if err := raise(node, "eth0", nodeIP+"/30"); err != nil {
		return err
	}
	if err := raise(node, "lo", ""); err != nil {
		return err
	}
	// kube-proxy takes a node without a default route for one without addresses.
	if err := route(node, "0.0.0.0/0", hereIP); err != nil {
		return err
	}
	for _, cidr := range []string{podCIDR, serviceCIDR} {
		if err := route(here, cidr, nodeIP); err != nil {
			return err
		}
	}
	return nil
}

// raise gives a link its address and sets it up.
func raise(h *netlink.Handle, name, cidr string) error {
	link, err := h.LinkByName(name)
	if err != nil {
		return fmt.Errorf("link %s: %w", name, err)
	}
	if cidr != "" {
		addr, err := netlink.ParseAddr(cidr)
		if err != nil {
			return err
		}
		if err := h.AddrAdd(link, addr); err != nil {
			return fmt.Errorf("add address %s to %s: %w", cidr, name, err)
		}
	}
	return h.LinkSetUp(link)
}

func route(h *netlink.Handle, cidr, via string) error {
	_, dst, err := net.ParseCIDR(cidr)
	if err != nil {
		return err
	}
	if err := h.RouteAdd(&netlink.Route{Dst: dst, Gw: net.ParseIP(via)}); err != nil {
		return fmt.Errorf("add route to %s: %w", cidr, err)
	}
	return nil
}

// listenIn listens in the network namespace of another process.
func listenIn(pid int, addr string) (net.Listener, error) {
	runtime.LockOSThread() // a namespace is that of a thread
	defer runtime.UnlockOSThread()
	here, err := netns.Get()
	if err != nil {
		return nil, err
	}
	defer here.Close()
	there, err := netns.GetFromPid(pid)
	if err != nil {
		return nil, err
	}
	defer there.Close()
	if err := netns.Set(there); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", addr)
	if back := netns.Set(here); back != nil {
		panic(back) // this thread must not go on
	}
	return listener, err
}
