package dns01

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeAWS serves the XML APIs of Route 53, 2013-04-01, whose changes replace sets, and of STS.
type fakeAWS struct {
	*txt
	key     string // access key ID that may use Route 53
	session string // and its session token
}

type awsSet struct {
	Name            string
	Type            string
	TTL             int
	ResourceRecords []struct{ Value string } `xml:"ResourceRecords>ResourceRecord"`
}

func (f *fakeAWS) fault(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>1</RequestId></ErrorResponse>`, code, message)
}

func (f *fakeAWS) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST sts.us-east-1.amazonaws.com/", f.sts)
	const api = "route53.amazonaws.com/2013-04-01/"
	mux.HandleFunc("GET "+api+"hostedzonesbyname", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("dnsname") != "example.com" {
			f.wrong = append(f.wrong, r.URL.String())
		}
		fmt.Fprint(w, `<ListHostedZonesByNameResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZones>
<HostedZone><Id>/hostedzone/PRIVATE</Id><Name>example.com.</Name><CallerReference>1</CallerReference><Config><PrivateZone>true</PrivateZone></Config></HostedZone>
<HostedZone><Id>/hostedzone/ZONE</Id><Name>example.com.</Name><CallerReference>2</CallerReference><Config><PrivateZone>false</PrivateZone></Config></HostedZone>
</HostedZones><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesByNameResponse>`)
	})
	mux.HandleFunc("GET "+api+"hostedzone/ZONE/rrset", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `<ListResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ResourceRecordSets>`)
		if values := f.values[plain(r.FormValue("name"))]; len(values) > 0 {
			fmt.Fprintf(w, `<ResourceRecordSet><Name>%s</Name><Type>TXT</Type><TTL>10</TTL><ResourceRecords>`, r.FormValue("name"))
			for _, v := range values {
				fmt.Fprintf(w, `<ResourceRecord><Value>"%s"</Value></ResourceRecord>`, v)
			}
			fmt.Fprint(w, `</ResourceRecords></ResourceRecordSet>`)
		}
		fmt.Fprint(w, `</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListResourceRecordSetsResponse>`)
	})
	mux.HandleFunc("POST "+api+"hostedzone/ZONE/rrset", f.change)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		who := r.Header.Get("Authorization")
		if r.Host == "route53.amazonaws.com" && (!strings.Contains(who, "Credential="+f.key+"/") || !strings.Contains(who, "/us-east-1/route53/aws4_request") || r.Header.Get("X-Amz-Security-Token") != f.session) {
			f.fault(w, 403, "InvalidClientTokenId", "The security token included in the request is invalid.")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// sts returns a session for a role, for the key or token that may assume it.
func (f *fakeAWS) sts(w http.ResponseWriter, r *http.Request) {
	action := r.FormValue("Action")
	allowed := action == "AssumeRole" && strings.Contains(r.Header.Get("Authorization"), "Credential=AKIAUSER/") ||
		action == "AssumeRoleWithWebIdentity" && r.FormValue("WebIdentityToken") == "token of dns for aud-1,aud-2"
	if !allowed || r.FormValue("RoleArn") != "arn:aws:iam::1:role/dns" || r.FormValue("RoleSessionName") != "kubectl-certs" {
		f.fault(w, 403, "AccessDenied", "not allowed: "+r.Form.Encode())
		return
	}
	fmt.Fprintf(w, `<%[1]sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%[1]sResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-session</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></%[1]sResult></%[1]sResponse>`, action)
}

func (f *fakeAWS) change(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Changes []struct {
			Action string
			Set    awsSet `xml:"ResourceRecordSet"`
		} `xml:"ChangeBatch>Changes>Change"`
	}
	if err := xml.NewDecoder(r.Body).Decode(&in); err != nil || len(in.Changes) != 1 {
		f.wrong = append(f.wrong, fmt.Sprint(in, err))
		return
	}
	change := in.Changes[0]
	var values []string
	for _, record := range change.Set.ResourceRecords {
		values = append(values, strings.Trim(record.Value, `"`))
	}
	switch name := plain(change.Set.Name); {
	case change.Action == "UPSERT":
		f.values[name] = values
	case change.Action == "DELETE" && slices.Equal(f.values[name], values):
		delete(f.values, name)
	default:
		f.fault(w, 400, "InvalidChangeBatch", "Tried to delete resource record set but it was not found")
		return
	}
	fmt.Fprint(w, `<ChangeResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>`)
}

func tokenOf(_ context.Context, account string, audiences []string) (string, error) {
	return "token of " + account + " for " + strings.Join(audiences, ","), nil
}

func TestRoute53(t *testing.T) {
	// The machine's credentials must not matter if the solver references a Secret.
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAMACHINE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "machine-secret")
	t.Setenv("AWS_PROFILE", "no-such-profile")
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
	secrets := vault{"aws/id": "AKIAUSER", "aws/secret": "user-secret\n"}
	for _, c := range []struct{ title, solver, key, session string }{
		{"keys", "route53: {accessKeyID: AKIAUSER, secretAccessKeySecretRef: {name: aws, key: secret}}", "AKIAUSER", ""},
		{"keys in a Secret, and the zone", "route53: {hostedZoneID: ZONE, accessKeyIDSecretRef: {name: aws, key: id}, secretAccessKeySecretRef: {name: aws, key: secret}}", "AKIAUSER", ""},
		{"a role", "route53: {region: us-east-1, role: 'arn:aws:iam::1:role/dns', accessKeyID: AKIAUSER, secretAccessKeySecretRef: {name: aws, key: secret}}", "ASIAROLE", "role-session"},
		{"a ServiceAccount", "route53: {role: 'arn:aws:iam::1:role/dns', auth: {kubernetes: {serviceAccountRef: {name: dns, audiences: [aud-1, aud-2]}}}}", "ASIAROLE", "role-session"},
	} {
		t.Run(c.title, func(t *testing.T) {
			f := &fakeAWS{txt: &txt{}, key: c.key, session: c.session}
			o := Options{HTTP: internet(t, f.handler()), Token: tokenOf}
			tryHost(t, f.txt, func() host { return made(t, c.solver, secrets, o).host })
			f.key = "AKIAOTHER"
			texts := refusedWith(t, made(t, c.solver, secrets, o), secrets)
			if !strings.Contains(texts, "StatusCode: 403") || !strings.Contains(texts, "InvalidClientTokenId: The security token included in the request is invalid.") {
				t.Errorf("got %s", texts)
			}
		})
	}
}

// TestRoute53Ambient: the machine's credentials are used if that is allowed.
func TestRoute53Ambient(t *testing.T) {
	for _, name := range []string{"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE"} {
		t.Setenv(name, "")
		os.Unsetenv(name)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAUSER")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "user-secret")
	t.Setenv("HOME", t.TempDir())
	for solver, want := range map[string][2]string{"route53: {}": {"AKIAUSER", ""}, "route53: {role: 'arn:aws:iam::1:role/dns'}": {"ASIAROLE", "role-session"}} {
		f := &fakeAWS{txt: &txt{}, key: want[0], session: want[1]}
		o := Options{HTTP: internet(t, f.handler()), Ambient: true}
		tryHost(t, f.txt, func() host { return made(t, solver, nil, o).host })
	}
}

// TestRoute53Config compares the configuration that lego gets.
func TestRoute53Config(t *testing.T) {
	c := &reader{ctx: t.Context(), solver: "route53", secrets: map[string]secret{}, read: vault{"aws/secret": "user-secret"}.read}
	s := solverOf(t, "route53: {hostedZoneID: ZONE, region: cn-north-1, accessKeyID: AKIAUSER, secretAccessKeySecretRef: {name: aws, key: secret}}")
	got, err := route53Config(c, s.Route53, Options{})
	if err != nil || c.err() != nil {
		t.Fatal(err, c.err())
	}
	options := got.Client.Options()
	keys, err := options.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	have := fmt.Sprint(got.HostedZoneID, got.TTL, got.WaitForRecordSetsChanged, got.PrivateZone, got.AssumeRoleArn, options.Region, keys.AccessKeyID, keys.SecretAccessKey)
	if want := fmt.Sprint("ZONE", 10, false, false, "", "cn-north-1", "AKIAUSER", "user-secret"); have != want {
		t.Error(cmp.Diff(want, have))
	}
}
