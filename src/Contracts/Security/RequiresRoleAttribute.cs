namespace Lcnn.Distributed.Contracts.Security;

/// <summary>The least role that a grain's method is for. A method without it is for silos alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresRoleAttribute(Role role) : Attribute
{
    /// <summary>The least role.</summary>
    public Role Role { get; } = role;
}
