//! Products and services: created, edited, listed.

use serde::{Deserialize, Serialize};

use super::finding::fifty;
use super::saving::page;
use super::{Operation, Staff};
use crate::desk::Context;
use crate::error::Result;
use crate::model::{Edited, Product, ProductId, Version};
use crate::port::Access;
use crate::query::{Cursor, Filter};
use crate::rules::edit::Edit;
use crate::rules::length;

/// Creates a product or service. A second one with the same name, without regard to case and
/// accents, is refused as taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateProduct {
    /// The name.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
}

impl CreateProduct {
    /// A product without a description.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            description: String::new(),
        }
    }
}

impl Operation for CreateProduct {
    const NAME: &'static str = "create_product";
    const ACCESS: Access = Access::Administer;
    type For = Staff;
    type Output = Product;

    async fn run(&self, cx: &mut Context) -> Result<Product> {
        length::name("name", &self.name)?;
        length::long("description", &self.description)?;
        let mut product = Product {
            id: cx.new_id(),
            workspace: cx.workspace_id(),
            version: Version(0),
            name: self.name.trim().to_owned(),
            description: self.description.clone(),
            active: true,
            created_at: cx.now(),
            edited: Edited::default(),
        };
        cx.create(&mut product);
        Ok(product)
    }
}

/// Edits a product. What it does not name stays; a field that somebody else changed since `seen` is
/// refused as a conflict, with its current value.
///
/// Cases that are about a product stay so when it is no longer active.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchProduct {
    /// The product.
    pub product: ProductId,
    /// The version of the product that the editor saw.
    pub seen: Version,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether new cases can be about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl PatchProduct {
    /// An edit of `product`, as it was loaded, that names no field yet.
    pub fn of(product: &Product) -> Self {
        Self {
            product: product.id,
            seen: product.version,
            name: None,
            description: None,
            active: None,
        }
    }
}

impl Operation for PatchProduct {
    const NAME: &'static str = "patch_product";
    const ACCESS: Access = Access::Administer;
    type For = Staff;
    type Output = Product;

    async fn run(&self, cx: &mut Context) -> Result<Product> {
        let name = length::given_name("name", self.name.as_deref())?;
        if let Some(text) = &self.description {
            length::long("description", text)?;
        }
        let mut product: Product = cx.get(self.product).await?;
        let mut edit = Edit::new(self.seen, product.version, &mut product.edited)?;
        edit.set("name", &mut product.name, name.as_ref())?;
        edit.set(
            "description",
            &mut product.description,
            self.description.as_ref(),
        )?;
        edit.set("active", &mut product.active, self.active.as_ref())?;
        let changes = edit.finish();
        cx.save(&mut product, changes);
        Ok(product)
    }
}

/// Shows a product.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GetProduct {
    /// The product.
    pub product: ProductId,
}

impl Operation for GetProduct {
    const NAME: &'static str = "get_product";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = Product;

    async fn run(&self, cx: &mut Context) -> Result<Product> {
        cx.get(self.product).await
    }
}

/// Lists products by name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ListProducts {
    /// Only those that new cases can be about, or only the others.
    pub active: Option<bool>,
    /// Where the page begins: `next` of the one before.
    pub after: Option<Cursor>,
    /// At most so many, up to 1,000.
    pub limit: u32,
}

impl Default for ListProducts {
    fn default() -> Self {
        Self {
            active: None,
            after: None,
            limit: fifty(),
        }
    }
}

page! {
    /// A page of products.
    ProductPage {
        /// The products.
        products: Product
    }
}

impl Operation for ListProducts {
    const NAME: &'static str = "list_products";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = ProductPage;

    async fn run(&self, cx: &mut Context) -> Result<ProductPage> {
        let filter = match self.active {
            Some(active) => Filter::equal("active", active),
            None => Filter::all(),
        };
        cx.by_name(filter, self.after.as_ref(), self.limit).await
    }
}
