package v1alpha1

// Key is the namespace and name of the issuer.
func (i *Issuer) Key() (namespace, name string) { return i.Namespace, i.Name }

// Key is the namespace and name of the route.
func (e *Expose) Key() (namespace, name string) { return e.Namespace, e.Name }

// Key is the namespace and name of the certificate.
func (c *Certificate) Key() (namespace, name string) { return c.Namespace, c.Name }

// Key is the name of the bundle, which has no namespace.
func (t *Trust) Key() (namespace, name string) { return "", t.Name }
