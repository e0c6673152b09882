package main

import (
	"net/url"
	"time"

	"go.etcd.io/etcd/server/v3/embed"

	"github.com/kubectl-certs/kubectl-certs/lab"
)

// etcd does without fsync, so its data survives kill -9 but not a power cut.
func etcd(s *lab.State) error {
	cfg := embed.NewConfig()
	cfg.Dir = s.Path("etcd")
	cfg.LogLevel = "warn"
	cfg.WarningUnaryRequestDuration = time.Second // else it logs every request
	cfg.UnsafeNoFsync = true
	client := []url.URL{{Scheme: "http", Host: s.Listens(lab.Etcd)}}
	peer := []url.URL{{Scheme: "http", Host: s.EtcdPeer()}}
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = client, client
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = peer, peer
	cfg.InitialCluster = cfg.InitialClusterFromName(cfg.Name)
	e, err := embed.StartEtcd(cfg)
	if err != nil {
		return err
	}
	return <-e.Err()
}
