package webpubsub

import (
	"cmp"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Labels are what an operator calls the service, in the words of Azure's management
// tools. They are kept and shown, and change nothing.
type Labels struct {
	// Name is the resource's name; empty is easel.
	Name string
	// Group is the resource group; empty is local.
	Group string
	// Location is the region; empty is local.
	Location string
	// SKU is Free_F1, Standard_S1, Premium_P1 or Premium_P2; empty is Standard_S1.
	SKU string
	// Units is how many the SKU has; 0 is its default.
	Units int
	Tags  map[string]string
}

// Limits of labels. Source: resource model, and Azure's limits of tags.
const (
	MaxLabel    = 90
	MaxTags     = 50
	MaxTagName  = 512
	MaxTagValue = 256
)

// SKU is one of the sizes that Azure offers. Easel has no sizes: it is a label.
type SKU struct {
	Name, Tier string
	// Units are the numbers allowed, ascending; the first is the default.
	Units []int
}

var (
	tenths   = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100}
	hundreds = []int{100, 200, 300, 400, 500, 600, 700, 800, 900, 1000}
	skus     = []SKU{
		{"Free_F1", "Free", []int{1}},
		{"Standard_S1", "Standard", tenths},
		{"Premium_P1", "Premium", tenths},
		{"Premium_P2", "Premium", hundreds},
	}
)

// SKUs returns all sizes. Source: resource model, sku.
func SKUs() []SKU { return slices.Clone(skus) }

var resourceName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{1,61}[A-Za-z0-9]$`)

// Check returns l with its defaults filled in, and the SKU's name in its usual spelling.
// Errors: BadRequest, naming the label and what it may be.
func (l Labels) Check() (Labels, error) {
	l.Name = cmp.Or(l.Name, "easel")
	l.Group = cmp.Or(l.Group, "local")
	l.Location = cmp.Or(l.Location, "local")
	if !resourceName.MatchString(l.Name) {
		return l, Errorf(BadRequest, "name %q must have 3 to 63 letters, digits and dashes, begin with a letter, and not end with a dash", clip(l.Name))
	}
	for label, value := range map[string]string{"resource group": l.Group, "location": l.Location} {
		if len(value) > MaxLabel || strings.ContainsAny(value, "/\\\x00\n") {
			return l, Errorf(BadRequest, "%s %q must have at most %d bytes, without slashes and line ends", label, clip(value), MaxLabel)
		}
	}
	sku, err := findSKU(cmp.Or(l.SKU, "Standard_S1"))
	if err != nil {
		return l, err
	}
	l.SKU = sku.Name
	l.Units = cmp.Or(l.Units, sku.Units[0])
	if !slices.Contains(sku.Units, l.Units) {
		return l, Errorf(BadRequest, "unit count %d is none of those of %s: %s", l.Units, sku.Name, joined(sku.Units))
	}
	return l, checkTags(l.Tags)
}

func findSKU(name string) (SKU, error) {
	var names []string
	for _, s := range skus {
		if strings.EqualFold(s.Name, name) {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return SKU{}, Errorf(BadRequest, "sku %q is none of %s", clip(name), strings.Join(names, ", "))
}

func joined(numbers []int) string {
	var words []string
	for _, n := range numbers {
		words = append(words, strconv.Itoa(n))
	}
	return strings.Join(words, ", ")
}

func checkTags(tags map[string]string) error {
	if n := len(tags); n > MaxTags {
		return Errorf(BadRequest, "there are %d tags; the limit is %d", n, MaxTags)
	}
	for name, value := range tags {
		if name == "" || len(name) > MaxTagName || len(value) > MaxTagValue {
			return Errorf(BadRequest, "tag %q must have a name of 1 to %d bytes and a value of at most %d", clip(name), MaxTagName, MaxTagValue)
		}
	}
	return nil
}

// ServiceResource is the service as management tools print it. Source: resource model,
// WebPubSub.
type ServiceResource struct {
	ID            string            `json:"id"`
	Name          string            `json:"name"`
	Type          string            `json:"type"`
	Kind          string            `json:"kind"`
	Location      string            `json:"location"`
	ResourceGroup string            `json:"resourceGroup"`
	Tags          map[string]string `json:"tags"`
	SKU           SKUResource       `json:"sku"`
	Identity      struct {
		Type string `json:"type"`
	} `json:"identity"`
	Properties ServiceProperties `json:"properties"`
}

// SKUResource is the size inside a [ServiceResource].
type SKUResource struct {
	Name     string `json:"name"`
	Tier     string `json:"tier"`
	Capacity int    `json:"capacity"`
}

// ServiceProperties are what the service is, inside a [ServiceResource].
type ServiceProperties struct {
	ProvisioningState string `json:"provisioningState"`
	HostName          string `json:"hostName"`
	HostNamePrefix    string `json:"hostNamePrefix"`
	// PublicPort and ServerPort are the same: clients and app servers come to one port.
	PublicPort          int    `json:"publicPort"`
	ServerPort          int    `json:"serverPort"`
	Version             string `json:"version"`
	PublicNetworkAccess string `json:"publicNetworkAccess"`
	DisableLocalAuth    bool   `json:"disableLocalAuth"`
	// DisableAadAuth is always true: there is no directory to sign in with.
	DisableAadAuth        bool   `json:"disableAadAuth"`
	RegionEndpointEnabled string `json:"regionEndpointEnabled"`
	ResourceStopped       string `json:"resourceStopped"`
	TLS                   struct {
		ClientCertEnabled bool `json:"clientCertEnabled"`
	} `json:"tls"`
	NetworkACLs NetworkACLs `json:"networkACLs"`
}

// NetworkACLs say who may reach the service: everyone, here. Firewalls are elsewhere.
type NetworkACLs struct {
	DefaultAction string `json:"defaultAction"`
	PublicNetwork struct {
		Allow []string `json:"allow"`
	} `json:"publicNetwork"`
	PrivateEndpoints []string `json:"privateEndpoints"`
}

// NewServiceResource describes the service at endpoint, an origin such as
// https://wps.example.net. The labels must have passed [Labels.Check].
func NewServiceResource(endpoint string, l Labels) ServiceResource {
	r := ServiceResource{
		ID:   "/subscriptions/local/resourceGroups/" + l.Group + "/providers/Microsoft.SignalRService/WebPubSub/" + l.Name,
		Name: l.Name, Type: "Microsoft.SignalRService/WebPubSub", Kind: "WebPubSub",
		Location: l.Location, ResourceGroup: l.Group, Tags: map[string]string{},
		SKU: SKUResource{Name: l.SKU, Capacity: l.Units},
	}
	maps.Copy(r.Tags, l.Tags)
	if sku, err := findSKU(l.SKU); err == nil {
		r.SKU.Tier = sku.Tier
	}
	r.Identity.Type = "None"
	p := &r.Properties
	p.ProvisioningState, p.Version = "Succeeded", "1.0"
	p.HostName, p.PublicPort = hostAndPort(endpoint)
	p.HostNamePrefix, _, _ = strings.Cut(p.HostName, ".")
	p.ServerPort = p.PublicPort
	p.PublicNetworkAccess, p.RegionEndpointEnabled, p.ResourceStopped = "Enabled", "Enabled", "false"
	p.DisableAadAuth = true
	p.NetworkACLs.DefaultAction = "Allow"
	p.NetworkACLs.PublicNetwork.Allow = []string{"ServerConnection", "ClientConnection", "RESTAPI", "Trace"}
	p.NetworkACLs.PrivateEndpoints = []string{}
	return r
}

func hostAndPort(endpoint string) (host string, port int) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return endpoint, 0
	}
	port, err = strconv.Atoi(u.Port())
	switch {
	case err == nil:
	case u.Scheme == "https":
		port = 443
	default:
		port = 80
	}
	return u.Hostname(), port
}

// Labels are those that r shows.
func (r ServiceResource) Labels() Labels {
	return Labels{
		Name: r.Name, Group: r.ResourceGroup, Location: r.Location,
		SKU: r.SKU.Name, Units: r.SKU.Capacity, Tags: r.Tags,
	}
}

// UsageResource is how much of something the service has. Source: resource model,
// SignalRServiceUsage.
type UsageResource struct {
	ID           string `json:"id"`
	CurrentValue int64  `json:"currentValue"`
	// Limit is -1 for none.
	Limit int64     `json:"limit"`
	Name  UsageName `json:"name"`
	// Unit is Count.
	Unit string `json:"unit"`
}

// UsageName is what a [UsageResource] counts, for programs and for people.
type UsageName struct {
	Value          string `json:"value"`
	LocalizedValue string `json:"localizedValue"`
}
