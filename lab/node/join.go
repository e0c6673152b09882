package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/ptr"
)

const nodeName = "lab"

// join lets pods reach the API server, whose own address no endpoint may have,
// and returns when the node can run pods. What a killed one left is no more.
func join(ctx context.Context, client kubernetes.Interface, port string) error {
	number, err := strconv.ParseInt(port, 10, 32)
	if err != nil {
		return err
	}
	_, err = client.DiscoveryV1().EndpointSlices("default").Create(ctx, &discovery.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Name: "kubernetes", Labels: map[string]string{discovery.LabelServiceName: "kubernetes"}},
		AddressType: discovery.AddressTypeIPv4,
		Endpoints:   []discovery.Endpoint{{Addresses: []string{nodeIP}, Conditions: discovery.EndpointConditions{Ready: ptr.To(true)}}},
		Ports:       []discovery.EndpointPort{{Name: ptr.To("https"), Port: ptr.To(int32(number))}},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("endpoints of the API server: %w", err)
	}
	err = wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		node, err := client.CoreV1().Nodes().Get(ctx, nodeName, metav1.GetOptions{})
		if err != nil || !isReady(node) {
			return false, nil
		}
		_, err = client.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{})
		return err == nil, nil
	})
	if err != nil {
		return fmt.Errorf("the node does not get ready: %w; see node/log in the folder of the lab", err)
	}
	return nil
}

func isReady(node *core.Node) bool {
	return slices.ContainsFunc(node.Status.Conditions, func(c core.NodeCondition) bool {
		return c.Type == core.NodeReady && c.Status == core.ConditionTrue
	})
}

// leave removes from the cluster what is only true with the node.
func leave(ctx context.Context, client kubernetes.Interface) error {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	now := metav1.DeleteOptions{GracePeriodSeconds: ptr.To(int64(0))}
	pods, err := client.CoreV1().Pods("").List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=" + nodeName})
	if err != nil {
		return fmt.Errorf("pods of the node: %w", err)
	}
	for _, pod := range pods.Items {
		err = errors.Join(err, missingIsFine(client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, now)))
	}
	return errors.Join(err,
		missingIsFine(client.CoreV1().Nodes().Delete(ctx, nodeName, now)),
		missingIsFine(client.DiscoveryV1().EndpointSlices("default").Delete(ctx, "kubernetes", now)))
}

func missingIsFine(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
