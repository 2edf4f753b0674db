using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Client.Security;

/// <summary>The role that a certificate gives: an organization (O) of its subject named <c>lcnn:silo</c>, <c>lcnn:operate</c> or <c>lcnn:view</c>, as Kubernetes takes groups from it.</summary>
internal static class CertificateRoles
{
    private const string Prefix = "lcnn:";
    private const string Organization = "2.5.4.10";

    /// <summary>What can be asked for, from the least on.</summary>
    public static IReadOnlyList<Role> All { get; } = [Role.View, Role.Operate, Role.Silo];

    /// <summary>The organization that stands for a role.</summary>
    public static string NameOf(Role role) => Prefix + TextOf(role);

    /// <summary>A role as people write it.</summary>
    public static string TextOf(Role role) => role switch
    {
        Role.View => "view",
        Role.Operate => "operate",
        Role.Silo => "silo",
        _ => "none",
    };

    /// <summary>The role of that text; none for any other.</summary>
    public static Role Parse(string text) => All.FirstOrDefault(role => TextOf(role) == text);

    /// <summary>The highest role that the subject names.</summary>
    public static Role Of(X509Certificate2 certificate) => certificate.SubjectName.EnumerateRelativeDistinguishedNames()
        .Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == Organization)
        .Select(part => ValueOf(part) is { } name && name.StartsWith(Prefix, StringComparison.Ordinal) ? Parse(name[Prefix.Length..]) : Role.None)
        .DefaultIfEmpty(Role.None).Max();

    private static string? ValueOf(X500RelativeDistinguishedName part)
    {
        try
        {
            return part.GetSingleElementValue();
        }
        catch (Exception exception) when (exception is AsnContentException or System.Security.Cryptography.CryptographicException or InvalidOperationException)
        {
            return null; // of some other form than text
        }
    }
}
